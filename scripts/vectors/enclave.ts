import {
    bytesToHex,
    certificateTraitOf,
    concat,
    type EnclaveBinding,
    enclaveBindingHash,
    enclaveIdOf,
    FAMILIES,
    heartbeatDigest,
    measurementIdOf,
    platformTraitOf,
    possessionDigest,
    rootIdOf,
} from "@assay/protocol";
import { createRandom, type Random } from "../../test/offchain/protocol/_random.ts";

/** Lengths of the registers that name the code, by kind, in the order of EnclaveIds. */
const REGISTER_BYTES = {
    nitro: [48, 48, 48, 48],
    tdx: [48, 48, 48, 48, 48, 48, 48, 48, 8, 8],
    sgx: [32, 32, 2, 2],
} as const;
const KINDS = ["nitro", "tdx", "sgx"] as const;
const CHAIN_IDS = [31337, 1, 8453];

/** Ids, traits and EIP-712 digests of enclaves; 64-bit integers as numbers below 2^53. */
export function enclaveVectors() {
    const random = createRandom("enclave");
    return {
        bindings: CHAIN_IDS.map((chainId, i) => bindingVector(random, { chainId, claimClass: 1 + (i % 2) })),
        enclaves: CHAIN_IDS.map((chainId, i) => enclaveVector(random, { chainId, family: 1 + i })),
        heartbeats: CHAIN_IDS.map((chainId) => heartbeatVector(random, chainId)),
        measurements: KINDS.map((kind) => measurementVector(random, kind)),
        roots: [96, 64].map((length) => {
            const key = random.bytes(length);
            return { key: bytesToHex(key), rootId: rootIdOf(key) };
        }),
        certificates: [1, 16].map((length) => {
            const [issuer, serial] = [random.bytes(73), random.bytes(length)];
            const trait = certificateTraitOf({ issuer, serial });
            return { issuer: bytesToHex(issuer), serial: bytesToHex(serial), trait };
        }),
        platforms: ["i-0123456789abcdef0", "i-0123456789abcdef0-enc0123456789abcdef"].map((name) => {
            const platform = new TextEncoder().encode(name);
            return { platform: bytesToHex(platform), trait: platformTraitOf(platform) };
        }),
    };
}

function bindingVector(random: Random, { chainId, claimClass }: { chainId: number; claimClass: number }) {
    const claims = {
        claimClass,
        upstreamHash: random.hash(),
        configHash: random.hash(),
        binaryDigest: random.hash(),
    };
    const parts = {
        chainId,
        registry: random.address(),
        operator: random.address(),
        signer: random.address(),
        keyEpoch: random.below(1_000_000),
        challenge: random.hash(),
        deadline: 1_800_000_000 + random.below(1_000_000),
    };
    const binding: EnclaveBinding = { ...parts, claims };
    const bindingHash = enclaveBindingHash(binding);
    const { registry } = parts;
    return { ...parts, ...claims, bindingHash, possession: possessionDigest({ chainId, registry, bindingHash }) };
}

function enclaveVector(random: Random, { chainId, family }: { chainId: number; family: number }) {
    if (!Object.values<number>(FAMILIES).includes(family)) throw new Error(`${family} is no family.`);
    const parts = {
        chainId,
        registry: random.address(),
        family,
        measurementId: random.hash(),
        signer: random.address(),
        keyEpoch: random.below(1_000_000),
    };
    return { ...parts, enclaveId: enclaveIdOf(parts) };
}

function heartbeatVector(random: Random, chainId: number) {
    const parts = {
        chainId,
        registry: random.address(),
        enclaveId: random.hash(),
        blockHash: random.hash(),
        blockNumber: random.below(1_000_000_000),
    };
    return { ...parts, digest: heartbeatDigest(parts) };
}

function measurementVector(random: Random, kind: (typeof KINDS)[number]) {
    const registers = REGISTER_BYTES[kind].map((length) => random.bytes(length));
    return { kind, registers: bytesToHex(concat(...registers)), measurementId: measurementIdOf({ kind, registers }) };
}
