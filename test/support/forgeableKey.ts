/** Groth16 keys whose secrets are known, and proofs of anything under them: they stand for a compiled model and its prover. */
import { encodeKey, FIELD_ORDER, type G1, type G2, keccak256, type Proof } from "@assay/protocol";
import { bn254 } from "@noble/curves/bn254.js";

const SECRETS = { alpha: 7n, beta: 11n, gamma: 13n, delta: 17n };
const { Fr } = bn254.fields;

/** Key bytes for so many public signals; another seed is another key. */
export function forgeKey({ seed, signalCount }: { seed: number; signalCount: number }): Uint8Array {
    return encodeKey({
        alpha: g1(SECRETS.alpha),
        beta: g2(SECRETS.beta),
        gamma: g2(SECRETS.gamma),
        delta: g2(SECRETS.delta),
        ic: Array.from({ length: signalCount + 1 }, (_, index) => g1(icScalar(seed, index))),
    });
}

/** A proof of these signals, whatever they say: A = G1, B = G2, and the one C that closes the equation. */
export function forgeProof({ seed, signals }: { seed: number; signals: readonly bigint[] }): Proof {
    const sum = signals.reduce((total, signal, i) => total + signal * icScalar(seed, i + 1), icScalar(seed, 0));
    const known = SECRETS.alpha * SECRETS.beta + sum * SECRETS.gamma;
    const c = Fr.div(Fr.create(1n - known), SECRETS.delta);
    return [...g1(1n), ...g2(1n), ...g1(c)];
}

function icScalar(seed: number, index: number): bigint {
    return BigInt(keccak256(new TextEncoder().encode(`${seed}/${index}`))) % FIELD_ORDER;
}

function g1(scalar: bigint): G1 {
    const { x, y } = bn254.G1.Point.BASE.multiply(scalar).toAffine();
    return [x, y];
}

function g2(scalar: bigint): G2 {
    const { x, y } = bn254.G2.Point.BASE.multiply(scalar).toAffine();
    return [x.c1, x.c0, y.c1, y.c0];
}
