import { bn254 } from "@noble/curves/bn254.js";

/** Affine point of G1: x, y. (0, 0) is infinity. */
export type G1 = readonly [bigint, bigint];
/** Affine point of G2 in EIP-197 order: x imaginary, x real, y imaginary, y real. */
export type G2 = readonly [bigint, bigint, bigint, bigint];

const { Fp, Fp2 } = bn254.fields;

/** Order of the base field: coordinates live below it. */
export const BASE_FIELD_ORDER = Fp.ORDER;

/** Whether every coordinate is below the base field order. */
export function inBaseField(point: readonly bigint[]): boolean {
    return point.every((value) => value >= 0n && value < BASE_FIELD_ORDER);
}

/** Whether a point of G1 or of the twist solves its curve's equation; infinity counts as on the curve. */
export function isOnCurve(point: G1 | G2): boolean {
    if (isInfinity(point)) return true;
    if (point.length === 2) {
        const [x, y] = point;
        return Fp.eql(Fp.sqr(y), Fp.add(Fp.mul(Fp.sqr(x), x), bn254.G1.Point.CURVE().b));
    }
    const { x, y } = twistCoordinates(point);
    return Fp2.eql(Fp2.sqr(y), Fp2.add(Fp2.mul(Fp2.sqr(x), x), bn254.G2.Point.CURVE().b));
}

/** Whether a point that is on its curve also lies in the group of prime order. */
export function isInGroup(point: G1 | G2): boolean {
    return point.length === 2 || toG2(point).isTorsionFree();
}

/** Whether a point is the point at infinity. */
export function isInfinity(point: readonly bigint[]): boolean {
    return point.every((value) => value === 0n);
}

/** The curve library's point of G1; coordinates must be in the base field. */
export function toG1([x, y]: G1) {
    return bn254.G1.Point.fromAffine({ x, y });
}

/** The curve library's point of G2; coordinates must be in the base field. */
export function toG2(point: G2) {
    return bn254.G2.Point.fromAffine(twistCoordinates(point));
}

/** Generator of G2. */
export function generatorOfG2(): G2 {
    const { x, y } = bn254.G2.Point.BASE.toAffine();
    return [x.c1, x.c0, y.c1, y.c0];
}

function twistCoordinates([xImaginary, xReal, yImaginary, yReal]: G2) {
    return { x: Fp2.fromBigTuple([xReal, xImaginary]), y: Fp2.fromBigTuple([yReal, yImaginary]) };
}
