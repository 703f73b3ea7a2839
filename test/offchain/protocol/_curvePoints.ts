import type { G2 } from "@assay/protocol";
import { bn254 } from "@noble/curves/bn254.js";

/** A point of the twist outside the group of prime order, as most points of the twist are. */
export function pointOutsideGroup(): G2 {
    const { Fp2 } = bn254.fields;
    for (let real = 1n; ; real++) {
        const x = Fp2.fromBigTuple([real, 0n]);
        const square = Fp2.add(Fp2.mul(Fp2.sqr(x), x), bn254.G2.Point.CURVE().b);
        const y = squareRoot(square);
        if (y && !bn254.G2.Point.fromAffine({ x, y }).isTorsionFree()) return [x.c1, x.c0, y.c1, y.c0];
    }
}

function squareRoot(square: Parameters<typeof bn254.fields.Fp2.sqrt>[0]) {
    try {
        return bn254.fields.Fp2.sqrt(square);
    } catch {
        return undefined; // about half of all elements have none
    }
}
