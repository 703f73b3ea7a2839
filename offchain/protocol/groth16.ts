import { bn254 } from "@noble/curves/bn254.js";
import { type G1, type G2, inBaseField, isOnCurve, toG1, toG2 } from "./_curve.ts";
import { decodeKey, type VerifyingKey } from "./verifyingKey.ts";
import { FIELD_ORDER } from "./words.ts";

/** Eight coordinates in EIP-197 order: A.x A.y, B.x imaginary real, B.y imaginary real, C.x C.y. */
export type Proof = readonly [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];

const { Fp12 } = bn254.fields;

/**
 * Whether a proof verifies for these public signals: e(A, B) = e(α, β)·e(Σ s_i·IC_i, γ)·e(C, δ). False for anything
 * the chain would refuse too: signals or coordinates outside their field, points off the curve or outside the group.
 */
export function verifyGroth16({
    key,
    signals,
    proof,
}: {
    key: VerifyingKey | Uint8Array;
    signals: readonly bigint[];
    proof: readonly bigint[];
}): boolean {
    const { alpha, beta, gamma, delta, ic } = key instanceof Uint8Array ? decodeKey(key) : key;
    if (signals.length + 1 !== ic.length || !isProof(proof)) return false;
    if (signals.some((signal) => signal < 0n || signal >= FIELD_ORDER)) return false;
    const [ax, ay, bxImaginary, bxReal, byImaginary, byReal, cx, cy] = proof;
    const a: G1 = [ax, ay];
    const b: G2 = [bxImaginary, bxReal, byImaginary, byReal];
    const c: G1 = [cx, cy];
    if (![a, b, c, alpha, beta, gamma, delta, ...ic].every((point) => inBaseField(point) && isOnCurve(point))) {
        return false;
    }
    const publicPoint = ic.slice(1).reduce(
        (sum, point, i) => {
            const signal = signals[i] ?? 0n;
            return signal === 0n ? sum : sum.add(toG1(point).multiplyUnsafe(signal));
        },
        toG1(ic[0] ?? [0n, 0n]),
    );
    const pairs = [
        { g1: toG1(a).negate(), g2: toG2(b) },
        { g1: toG1(alpha), g2: toG2(beta) },
        { g1: publicPoint, g2: toG2(gamma) },
        { g1: toG1(c), g2: toG2(delta) },
    ];
    if (!pairs.every(({ g2 }) => isValid(g2))) return false;
    // A pair with infinity contributes 1, as in the precompile; the library refuses it instead of leaving it out.
    const telling = pairs.filter(({ g1, g2 }) => !g1.is0() && !g2.is0());
    return Fp12.eql(bn254.pairingBatch(telling), Fp12.ONE);
}

/** Whether a point is in its group; the library remembers the answer, so the pairing does not compute it again. */
function isValid(point: ReturnType<typeof toG2>): boolean {
    try {
        point.assertValidity();
        return true;
    } catch {
        return false;
    }
}

/** Whether a list is the coordinates of a proof, all below the base field order. */
export function isProof(proof: readonly bigint[]): proof is Proof {
    return proof.length === 8 && inBaseField(proof);
}
