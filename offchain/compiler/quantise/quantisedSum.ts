import { roundHalfEven } from "./requantisation.ts";

/** One operand of a quantised addition: 256 integers from `least`, real = (integer - zeroPoint) * scale, float32. */
export type SumOperand = { scale: number; zeroPoint: number; least: number };
/** What com.microsoft QLinearAdd adds, and the levels of its result. */
export type QuantisedSum = { left: SumOperand; right: SumOperand; scale: number; zeroPoint: number; least: number };

/**
 * The same in whole numbers: floor((factors[0] * a + factors[1] * b + offset) / 2^shift), into the levels. With `toEven`
 * the offset holds half of 2^shift, and a tie that was rounded up to an odd number goes down instead.
 */
export type SumFraction = { factors: [number, number]; offset: number; shift: number; toEven: boolean };

/** Integers of one byte. */
const LEVELS = 256;
const LEAST_SHIFT = 4;
/** Beyond this, doubles would not hold the sums. */
const GREATEST_SHIFT = 40;

/**
 * onnxruntime's QLinearAdd (its kernels with fused multiply-add, so every x64 processor since 2013): the zero points
 * are one float32 constant, each product is added in one rounding, and ties go to even after the zero point.
 */
export function addQuantised({ sum, a, b }: { sum: QuantisedSum; a: number; b: number }): number {
    const [ratioA, ratioB] = ratiosOf(sum);
    const { left, right, zeroPoint, least } = sum;
    const zeros = Math.fround(ratioA * left.zeroPoint + Math.fround(ratioB * right.zeroPoint));
    const fixed = Math.fround(zeroPoint - zeros);
    const level = roundHalfEven(Math.fround(ratioA * a + Math.fround(ratioB * b + fixed)));
    return Math.min(Math.max(level, least), least + LEVELS - 1);
}

/** The coarsest fraction that is right for every pair of integers, all of which are tried; undefined: there is none. */
export function findSumFraction(sum: QuantisedSum): SumFraction | undefined {
    const levels = levelsOf(sum);
    const [ratioA, ratioB] = ratiosOf(sum);
    for (let shift = LEAST_SHIFT; shift <= GREATEST_SHIFT; shift++) {
        const factors: [number, number] = [Math.round(ratioA * 2 ** shift), Math.round(ratioB * 2 ** shift)];
        for (const toEven of [false, true]) {
            const { least, greatest } = offsetsFor({ sum, levels, factors, shift, toEven });
            if (least <= greatest) return { factors, offset: least, shift, toEven };
        }
    }
    return undefined;
}

function ratiosOf({ left, right, scale }: QuantisedSum): [number, number] {
    return [Math.fround(left.scale / scale), Math.fround(right.scale / scale)];
}

/** The results for all pairs, a by a. */
function levelsOf(sum: QuantisedSum): Int16Array {
    return Int16Array.from({ length: LEVELS * LEVELS }, (_, pair) =>
        addQuantised({ sum, a: sum.left.least + Math.floor(pair / LEVELS), b: sum.right.least + (pair % LEVELS) }),
    );
}

type Candidate = { sum: QuantisedSum; levels: Int16Array; factors: [number, number]; shift: number; toEven: boolean };

/** Every pair bounds the offset from below, unless its level is the least one, and from above, unless the greatest. */
function offsetsFor({ sum, levels, factors, shift, toEven }: Candidate): { least: number; greatest: number } {
    const unit = 2 ** shift;
    const top = sum.least + LEVELS - 1;
    let [least, greatest] = [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
    for (const [pair, level] of levels.entries()) {
        const a = sum.left.least + Math.floor(pair / LEVELS);
        const value = factors[0] * a + factors[1] * (sum.right.least + (pair % LEVELS));
        const isOdd = toEven && level % 2 !== 0;
        // ties up: unit * level <= value + offset < unit * (level + 1); an even level also takes the tie above it
        if (level > sum.least) least = Math.max(least, unit * level - value + (isOdd ? 1 : 0));
        if (level < top) greatest = Math.min(greatest, unit * (level + 1) - value - (toEven && !isOdd ? 0 : 1));
    }
    return { least, greatest };
}
