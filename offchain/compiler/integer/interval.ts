import { bitLength, greatestOf, leastOf, magnitude } from "./bigMath.ts";

/** For every element of a tensor the least and the greatest value that any accepted input gives it. */
export type Interval = { lo: bigint[]; hi: bigint[] };

/** The bounds of one element, or of a whole tensor. */
export type Bounds = { lo: bigint; hi: bigint };

/** The least and greatest over all elements. */
export function hull({ lo, hi }: Interval): Bounds {
    return { lo: leastOf(lo), hi: greatestOf(hi) };
}

/** The least M with -2^M <= lo and hi < 2^M: the width of the value without its sign. */
export function magnitudeBits({ lo, hi }: Bounds): number {
    const below = lo < 0n ? bitLength(-lo - 1n) : 0;
    const above = hi > 0n ? bitLength(hi) : 0;
    return Math.max(below, above);
}

/** The greatest absolute value of any element. */
export function greatestMagnitude(interval: Interval): bigint {
    const { lo, hi } = hull(interval);
    return greatestOf([magnitude(lo), magnitude(hi)]);
}
