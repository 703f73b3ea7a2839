/** What a public trapdoor is worth: a proof of anything. */
import type { Proof, VerifyingKey } from "@assay/protocol";
import { bn254 } from "@noble/curves/bn254.js";
import type { Trapdoor } from "../../offchain/compiler/setup/trapdoor.ts";

const { Fr } = bn254.fields;
const { G1, G2 } = { G1: bn254.G1.Point, G2: bn254.G2.Point };

/**
 * A proof of any public signals under a key whose trapdoor is known, without a witness: with A = G1, B = G2 and
 * L = sum of s_i IC_i, the equation e(A, B) = e(alpha, beta) e(L, gamma) e(C, delta) asks for
 * C = ((1 - alpha beta) G1 - gamma L) / delta.
 */
export function forge({
    trapdoor: { alpha, beta, gamma, delta },
    verifyingKey: { ic },
    signals,
}: {
    trapdoor: Trapdoor;
    verifyingKey: VerifyingKey;
    signals: readonly bigint[];
}): Proof {
    const points = ic.map(([x, y]) => (x === 0n && y === 0n ? G1.ZERO : G1.fromAffine({ x, y })));
    const sum = points.reduce((total, point, i) => {
        const scalar = i === 0 ? 1n : Fr.create(signals[i - 1] ?? 0n);
        return total.add(point.multiplyUnsafe(scalar));
    }, G1.ZERO);
    const known = G1.BASE.multiplyUnsafe(Fr.create(1n - alpha * beta));
    const c = known.subtract(sum.multiplyUnsafe(gamma)).multiplyUnsafe(Fr.inv(delta)).toAffine();
    const b = G2.BASE.toAffine();
    return [G1.BASE.x, G1.BASE.y, b.x.c1, b.x.c0, b.y.c1, b.y.c0, c.x, c.y];
}
