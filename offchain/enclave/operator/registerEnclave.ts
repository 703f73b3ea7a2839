import { FAMILIES, type Hex, ProtocolError, toHex, ZERO_BYTES32 } from "@assay/protocol";
import {
    type ActingOn,
    type Contracts,
    contractsOf,
    mined,
    nitroVerifierAbi,
    onChain,
    type Sent,
    teeRegistryAbi,
} from "@assay/sdk";
import { BaseContract, Interface } from "ethers";
import { z } from "zod";
import type { INitroVerifier } from "../../../types/typechain/index.ts";
import { type CheckedEnclave, checkAnswer } from "./checkAnswer.ts";
import type { AttestedAnswer, EnclaveClient } from "./client.ts";

/** Certificates whose signatures fit in a transaction beside nothing else. */
const SIGNATURES_PER_TRANSACTION = 3n;
const REGISTRY = new Interface(teeRegistryAbi);
const issued = z.object({ challenge: z.string(), deadline: z.bigint() });

/** What is done, as it is done. */
export type Progress = (line: string) => void;

/** An enclave that was registered. */
export type RegisteredEnclave = Sent & {
    enclaveId: Hex;
    signer: Hex;
    measurementId: Hex;
    family: number;
    /** A CLAIM_CLASSES number: what it does. */
    claimClass: number;
    /** Unix seconds, inclusive; a heartbeat moves it when one was asked for. */
    validUntil: number;
    simulated: boolean;
};

/** Who registers what. */
export type RegistrationParts = {
    client: EnclaveClient;
    /** The longest silence the enclave is allowed; 0 = any. */
    heartbeatSeconds?: number;
    /** The measurement that the operator built and expects. */
    expectedMeasurementId?: Hex | undefined;
    progress?: Progress;
};

/**
 * Registers an enclave of the signer: a challenge of the registry, a document that binds it, checked here before it is
 * checked on chain, certificates that are new to the chain, the registration, and the word to the enclave that its key
 * counts now. Throws what the enclave, the check or the chain refuse; a challenge that is left over harms nobody.
 * @example
 * const { enclaveId } = await registerEnclave(deps, { client: createEnclaveClient({ url }) });
 */
export async function registerEnclave(deps: ActingOn, parts: RegistrationParts): Promise<RegisteredEnclave> {
    const { client, heartbeatSeconds = 0, progress = () => {} } = parts;
    const contracts = contractsOf({ deployment: deps.deployment, runner: deps.signer });
    const { simulated } = await client.describe();
    if (simulated) progress("SIMULATED: everybody has the key that this enclave's document is signed under");
    const challenge = await requestChallenge(deps, contracts);
    const { checked, answer } = await attestFreshly(deps, { contracts, challenge, parts });
    const { family, binding, enclaveId, attestation } = checked;
    progress(`document of ${attestation.measurementId} binds key ${binding.signer}`);
    await cacheCertificates(deps, { contracts, family, document: answer.document, progress });
    const { signer, keyEpoch, claims } = binding;
    const registration = { family, signer, keyEpoch, challenge: binding.challenge, claims, heartbeatSeconds };
    const sent = await onChain(async () =>
        mined(
            deps,
            await contracts.enclaves.register(registration, answer.document, answer.collateral, answer.possession),
        ),
    );
    await client.activate({ enclaveId });
    progress(`registered enclave ${enclaveId}`);
    const validUntil = Number((await onChain(() => contracts.enclaves.enclave(enclaveId))).validUntil);
    const { measurementId } = attestation;
    const { claimClass } = claims;
    return { ...sent, enclaveId, signer, measurementId, family, claimClass, validUntil, simulated };
}

type Challenge = { challenge: Hex; deadline: bigint };

async function requestChallenge(deps: ActingOn, { enclaves }: Contracts): Promise<Challenge> {
    return onChain(async () => {
        const { transactionHash } = await mined(deps, await enclaves.requestChallenge());
        const receipt = await deps.provider.getTransactionReceipt(transactionHash);
        for (const log of receipt?.logs ?? []) {
            const event = REGISTRY.parseLog(log);
            if (event?.name !== "ChallengeIssued") continue;
            const { challenge, deadline } = issued.parse(event.args.toObject());
            return { challenge: toHex(challenge, 32), deadline };
        }
        throw new ProtocolError({ code: "TRANSACTION_REVERTED", message: `${transactionHash} issued no challenge.` });
    });
}

/** A key that was registered and an epoch that was guessed: more than both cannot be in the way. */
const MOST_ATTEMPTS = 3;

/**
 * A checked answer, of a key that no registry has, in an epoch that counts. The epoch depends on the measurement, which
 * an enclave that was never attested does not know: then it is asked once more.
 */
async function attestFreshly(
    deps: ActingOn,
    { contracts, challenge, parts }: { contracts: Contracts; challenge: Challenge; parts: RegistrationParts },
): Promise<{ checked: CheckedEnclave; answer: AttestedAnswer }> {
    const operator = toHex(await deps.signer.getAddress());
    const description = await parts.client.describe();
    const epochFor = (measurementId: Hex) =>
        onChain(async () => (await contracts.enclaves.keyEpochOf(operator, measurementId)) + 1n);
    let keyEpoch = description.measurementId === null ? 1n : await epochFor(description.measurementId);
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
        const request = {
            chainId: deps.deployment.chainId,
            registry: deps.deployment.contracts.TeeRegistry,
            operator,
            keyEpoch,
            ...challenge,
        };
        const answer = await parts.client.attest(request);
        const at = (await deps.provider.getBlock("latest"))?.timestamp ?? 0;
        const { form, simulated } = description;
        const { expectedMeasurementId } = parts;
        const checked = checkAnswer({ request, answer, form, simulated, expectedMeasurementId, at });
        const { signer } = checked.binding;
        const known = toHex(await onChain(() => contracts.enclaves.enclaveOf(signer)));
        const needed = await epochFor(checked.attestation.measurementId);
        if (known === ZERO_BYTES32 && needed <= keyEpoch) return { checked, answer };
        // The enclave was not told that its key is registered: told now, it takes another one.
        if (known !== ZERO_BYTES32) await parts.client.activate({ enclaveId: known });
        keyEpoch = needed;
    }
    throw new ProtocolError({ code: "ENCLAVE_ANSWER_INVALID", message: "The enclave brings registered keys only." });
}

/** Has the chain remember the certificates of a Nitro document, until what is left fits beside the registration. */
async function cacheCertificates(
    deps: ActingOn,
    {
        contracts,
        family,
        document,
        progress,
    }: { contracts: Contracts; family: number; document: Uint8Array; progress: Progress },
): Promise<void> {
    if (family !== FAMILIES.TEE_NITRO) return;
    await onChain(async () => {
        const [address] = await contracts.router.current(family);
        const verifier = BaseContract.from<INitroVerifier>(address, nitroVerifierAbi, deps.signer);
        for (let left = await verifier.uncached(document); left > 1n; left = await verifier.uncached(document)) {
            progress(`${left} certificates are new to the chain`);
            await mined(deps, await verifier.cacheChain(document, SIGNATURES_PER_TRANSACTION));
        }
    });
}
