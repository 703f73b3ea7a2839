/** Enclaves whose keys the tests hold: with them they sign what no enclave would. */
import {
    CLAIM_CLASSES,
    type EnclaveClaims,
    type Evidence,
    enclaveBindingHash,
    encodeTee,
    FAMILIES,
    type Hex,
    hexToBytes,
    possessionDigest,
    type Statement,
    statementDigest,
    toHex,
    ZERO_BYTES32,
} from "@assay/protocol";
import { id, type Signer, Wallet } from "ethers";
import { makeSimulatedTdxQuote } from "../../offchain/enclave/simulated/tdx.ts";
import type { TeeRegistry } from "../../types/typechain/index.ts";

const CHAIN_ID = 31337;

/** What is registered: all of it has a default. */
export type HeldEnclaveWish = {
    /** Its key is that of this name. */
    name?: string;
    /** Stands for the code. */
    codeHash?: Hex;
    claims?: Partial<EnclaveClaims>;
    keyEpoch?: bigint;
    /** The longest silence allowed; 0 = any. */
    heartbeatSeconds?: number;
};

export type HeldEnclave = Awaited<ReturnType<typeof registerHeldEnclave>>;

/** Registers a key of the test's with a SIMULATED TDX quote; `at` is the chain's time, unix seconds. */
export async function registerHeldEnclave(
    { registry, operator, at }: { registry: TeeRegistry; operator: Signer; at: number },
    {
        name = "enclave",
        codeHash = toHex(id("code")),
        keyEpoch = 1n,
        heartbeatSeconds = 0,
        ...wish
    }: HeldEnclaveWish = {},
) {
    const enclaves = registry.connect(operator);
    const key = new Wallet(id(name));
    const signer = toHex(key.address);
    const { challenge, deadline } = await challengeOf(enclaves);
    const claims = { ...COMPUTE, ...wish.claims };
    const place = { chainId: CHAIN_ID, registry: toHex(await enclaves.getAddress()) };
    const binding = {
        ...place,
        operator: toHex(await operator.getAddress()),
        signer,
        keyEpoch,
        challenge,
        deadline,
        claims,
    };
    const bindingHash = enclaveBindingHash(binding);
    const { document, collateral } = makeSimulatedTdxQuote({ codeHash, reportData: hexToBytes(bindingHash), at });
    const possession = key.signingKey.sign(possessionDigest({ ...place, bindingHash })).serialized;

    const family = FAMILIES.TEE_TDX;
    const registration = { family, signer, keyEpoch, challenge, claims, heartbeatSeconds };
    await enclaves.register(registration, document, collateral, possession);

    const enclaveId = toHex(await enclaves.enclaveOf(signer));
    const { measurementId, validUntil, notAfter, selector } = await enclaves.enclave(enclaveId);
    const traits = (await enclaves.traitsOf(enclaveId)).map((trait) => toHex(trait));
    return { enclaveId, key, family, traits, measurementId: toHex(measurementId), validUntil, notAfter, selector };
}

/** An item of evidence by a key of the tests; `chainId` and `gate` are what is signed, wherever it is brought then. */
export function attest(
    { enclaveId, key, family }: Pick<HeldEnclave, "enclaveId" | "key" | "family">,
    { statement, gate, chainId = CHAIN_ID }: { statement: Statement; gate: Hex; chainId?: number },
): Evidence {
    const signature = toHex(key.signingKey.sign(statementDigest({ chainId, gate, statement })).serialized);
    return encodeTee({ family, enclaveId, signature });
}

const COMPUTE: EnclaveClaims = {
    claimClass: CLAIM_CLASSES.COMPUTE,
    upstreamHash: ZERO_BYTES32,
    configHash: ZERO_BYTES32,
    binaryDigest: toHex(id("program")),
};

async function challengeOf(enclaves: TeeRegistry): Promise<{ challenge: Hex; deadline: bigint }> {
    const receipt = await (await enclaves.requestChallenge()).wait();
    for (const log of receipt?.logs ?? []) {
        const found = enclaves.interface.parseLog(log);
        if (found?.name === "ChallengeIssued") {
            return { challenge: toHex(found.args.challenge), deadline: BigInt(found.args.deadline) };
        }
    }
    throw new Error("No challenge was issued.");
}
