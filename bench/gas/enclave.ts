/** Enclaves of the development stand-in in a gas world: the same chain of certificates, documents and keys in every run. */
import {
    CLAIM_CLASSES,
    type EnclaveBinding,
    type Evidence,
    enclaveBindingHash,
    enclaveIdOf,
    encodeTee,
    FAMILIES,
    type Hex,
    hexToBytes,
    measurementIdOf,
    possessionDigest,
    type Statement,
    statementDigest,
    toHex,
    ZERO_BYTES32,
} from "@assay/protocol";
import { keccak256, toUtf8Bytes, Wallet } from "ethers";
import { z } from "zod";
import { makeSimulatedNitroDocument, simulatedPcr } from "../../offchain/enclave/simulated/nitro.ts";
import type { GasWorld } from "./world.ts";

const CODE_HASH: Hex = toHex(keccak256(toUtf8Bytes("assay gas enclave")));
const CODE_REGISTERS = [0, 1, 2, 8];
/** Signatures of the first of two transactions: three certificates; the second has the fourth and the document's. */
const FIRST_SIGNATURES = 3;
const issued = z.object({ challenge: z.string(), deadline: z.bigint() });

/** What the enclaves of this bench measure as: models name it. */
export const MEASUREMENT_ID = measurementIdOf({
    kind: "nitro",
    registers: CODE_REGISTERS.map((index) => simulatedPcr({ index, codeHash: CODE_HASH })),
});

/** An enclave whose key signs statements in a gas world. */
export interface GasEnclave {
    attest(statement: Statement): Evidence;
}

/** Registers two enclaves; gas of the transactions that this takes with no, and with all certificates known. */
export async function registerEnclaves(
    world: GasWorld,
): Promise<{ enclave: GasEnclave; rows: Record<string, number> }> {
    const cold = await prepareEnclave(world, { keyEpoch: 1n, instance: "1111111111111111a" });
    const first = await world.cacheChain(cold.document, FIRST_SIGNATURES);
    const second = await cold.register();

    const warm = await prepareEnclave(world, { keyEpoch: 2n, instance: "2222222222222222b" });
    const certificate = await world.cacheChain(warm.document, 1);
    await world.cacheChain(warm.document, 1);
    return {
        enclave: cold.enclave,
        rows: {
            "nitro-certificate": certificate,
            "nitro-register-warm": await warm.register(),
            "nitro-register-cold": first + second,
        },
    };
}

/** Asks for a challenge, and makes key and document that answer it. */
async function prepareEnclave(world: GasWorld, { keyEpoch, instance }: { keyEpoch: bigint; instance: string }) {
    const key = new Wallet(keccak256(toUtf8Bytes(`assay gas enclave key ${keyEpoch}`)));
    const { challenge, deadline, timestamp } = await requestChallenge(world);
    const binding: EnclaveBinding = {
        chainId: world.chainId,
        registry: world.registry,
        operator: world.executor,
        signer: toHex(key.address.toLowerCase()),
        keyEpoch,
        challenge,
        deadline,
        claims: {
            claimClass: CLAIM_CLASSES.COMPUTE,
            upstreamHash: ZERO_BYTES32,
            configHash: CODE_HASH,
            binaryDigest: CODE_HASH,
        },
    };
    const bindingHash = enclaveBindingHash(binding);
    const { document } = makeSimulatedNitroDocument({
        codeHash: CODE_HASH,
        at: timestamp,
        userData: hexToBytes(bindingHash),
        instance,
    });
    const registration = { family: FAMILIES.TEE_NITRO, ...binding, heartbeatSeconds: 0 };
    const digest = possessionDigest({ chainId: world.chainId, registry: world.registry, bindingHash });
    const possession = key.signingKey.sign(digest).serialized;
    return {
        document,
        enclave: enclaveOf(world, { key, binding }),
        /** Gas of the registration. */
        register: () => world.registerEnclave({ registration, document, possession }),
    };
}

function enclaveOf(world: GasWorld, { key, binding }: { key: Wallet; binding: EnclaveBinding }): GasEnclave {
    const family = FAMILIES.TEE_NITRO;
    const enclaveId = enclaveIdOf({ ...binding, family, measurementId: MEASUREMENT_ID });
    return {
        attest: (statement) => {
            const digest = statementDigest({ chainId: world.chainId, gate: world.gate, statement });
            return encodeTee({ family, enclaveId, signature: toHex(key.signingKey.sign(digest).serialized) });
        },
    };
}

async function requestChallenge(world: GasWorld): Promise<{ challenge: Hex; deadline: bigint; timestamp: number }> {
    const { enclaves } = world.contracts;
    await world.act(() => world.asExecutor(enclaves).getFunction("requestChallenge")());
    const events = await enclaves.queryFilter(enclaves.getEvent("ChallengeIssued")());
    const last = events.at(-1);
    if (last === undefined || !("args" in last)) throw new Error("No challenge was issued.");
    const { challenge, deadline } = issued.parse(last.args.toObject());
    const block = await last.getBlock();
    return { challenge: toHex(challenge), deadline, timestamp: block.timestamp };
}
