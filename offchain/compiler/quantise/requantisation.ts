import { at } from "../integer/at.ts";
import { bitLength, floorDivide, greatestOf, leastOf } from "../integer/bigMath.ts";

/**
 * What onnxruntime does with an int32 sum: to float32, one float32 product with `scale`, to the nearest whole number
 * with ties to even, into [min, max]; the zero point is added after that. `lo` and `hi` bound the sums.
 */
export type RequantisedRange = { scale: number; lo: number; hi: number; min: number; max: number };

/**
 * The same function in whole numbers: floor((sum * multiplier + offset) / divisor), plus an exception's delta, into
 * [min, max]. With `toEven` the offset is half of the divisor and a tie that was rounded up to an odd number goes down
 * instead. The divisor is a power of two, but for scales like 1/200 whose float32 products still meet ties. Exceptions
 * are the sums, hardly ever any, whose float32 product crosses a half that no line can follow.
 */
export type Requantisation = {
    multiplier: bigint;
    offset: bigint;
    divisor: bigint;
    toEven: boolean;
    exceptions: readonly Exception[];
};
export type Exception = { sum: number; delta: number };

/** Bits of a float32 number after its leading one, and that one. */
const FLOAT32_BITS = 24;
/** A finer fraction than this would only repeat the float32 scale with zeros. */
const GREATEST_SHIFT = 60;
/** Constraints that telling a tie and an odd number apart costs. */
const TIE_BITS = 3;
/** More would mean that the range is beyond what float32 can requantise sensibly. */
const MOST_EXCEPTIONS = 16;

/** onnxruntime's level for one sum, before the zero point. */
export function requantise({ scale, min, max, sum }: Omit<RequantisedRange, "lo" | "hi"> & { sum: number }): number {
    const product = Math.fround(Math.fround(sum) * scale);
    return roundHalfEven(Math.min(Math.max(product, min), max));
}

/**
 * The fraction of fewest bits that gives onnxruntime's level for every sum of the range, or undefined where there is
 * none. Without exceptions both functions never decrease, so they are equal everywhere if they are equal on both sides
 * of every step.
 */
export function findRequantisation(range: RequantisedRange): Requantisation | undefined {
    const steps = stepsOf(range);
    const slopes = slopesOf({ steps, scale: range.scale });
    const found: Requantisation[] = [];
    for (const toEven of [false, true]) {
        const first = firstOf((shift) => fractionOf({ slopes, steps, shift, toEven }));
        if (first !== undefined) found.push(first);
    }
    const size = ({ multiplier, toEven }: Requantisation) => bitLength(multiplier) + (toEven ? TIE_BITS : 0);
    const [dyadic] = found.toSorted((left, right) => size(left) - size(right));
    return dyadic ?? rational({ range, steps }) ?? withExceptions({ range, steps });
}

/** Denominators beyond this are no longer the scale that somebody meant. */
const GREATEST_DENOMINATOR = 2 ** 20;

/** The simplest rational number near the scale, by continued fractions, with ties to even. */
function rational({ range, steps }: { range: RequantisedRange; steps: Step[] }): Requantisation | undefined {
    let [rest, before, here] = [range.scale, [0, 1], [1, 0]];
    for (;;) {
        const whole = Math.floor(rest);
        const next = [at(here, 0) * whole + at(before, 0), at(here, 1) * whole + at(before, 1)];
        const [numerator, denominator] = [at(next, 0), at(next, 1)];
        if (denominator > GREATEST_DENOMINATOR) return undefined;
        const line = {
            multiplier: 2n * BigInt(numerator),
            offset: BigInt(denominator),
            divisor: 2n * BigInt(denominator),
        };
        const fraction = { ...line, toEven: true, exceptions: [] };
        if (isOnSteps({ steps, fraction })) return fraction;
        if (rest === whole) return undefined;
        [rest, before, here] = [1 / (rest - whole), here, next];
    }
}

function isOnSteps({ steps, fraction }: { steps: Step[]; fraction: Requantisation }): boolean {
    return steps.every(({ sum, level, isAtLeast }) => levelBeforeClamp({ fraction, sum }) >= level === isAtLeast);
}

/** The float32 scale itself as a fraction, and the sums around the steps where it gives another level. */
function withExceptions({ range, steps }: { range: RequantisedRange; steps: Step[] }): Requantisation | undefined {
    const shift = FLOAT32_BITS - Math.ceil(Math.log2(range.scale));
    const half = 1n << BigInt(shift - 1);
    const line = {
        multiplier: BigInt(range.scale * 2 ** shift),
        offset: half,
        divisor: 2n * half,
        toEven: false,
        exceptions: [],
    };
    const clamped = (sum: number) =>
        Math.min(Math.max(Number(levelBeforeClamp({ fraction: line, sum })), range.min), range.max);
    const exceptions = new Map<number, number>();
    for (const { sum: edge, isAtLeast } of steps) {
        const step = isAtLeast ? 1 : -1;
        for (let sum = edge; sum >= range.lo && sum <= range.hi; sum += step) {
            const delta = requantise({ ...range, sum }) - clamped(sum);
            if (delta === 0) break;
            exceptions.set(sum, delta);
            if (exceptions.size > MOST_EXCEPTIONS) return undefined;
        }
    }
    return { ...line, exceptions: [...exceptions].map(([sum, delta]) => ({ sum, delta })) };
}

function firstOf(fractionAt: (shift: number) => Requantisation | undefined): Requantisation | undefined {
    for (let shift = 1; shift <= GREATEST_SHIFT; shift++) {
        const fraction = fractionAt(shift);
        if (fraction !== undefined) return fraction;
    }
    return undefined;
}

/** Slopes of a line through all steps lie about here; doubles only propose, `offsetsFor` decides exactly. */
type Slopes = { least: number; greatest: number };

/** Between a sum that reaches a level and one that stays below another, the line must rise by their difference. */
function slopesOf({ steps, scale }: { steps: Step[]; scale: number }): Slopes {
    let [least, greatest] = [0, 2 * scale];
    const below = steps.filter(({ isAtLeast }) => !isAtLeast);
    for (const reached of steps.filter(({ isAtLeast }) => isAtLeast)) {
        for (const other of below) {
            const run = reached.sum - other.sum;
            const slope = (reached.level - other.level) / run;
            if (run > 0) least = Math.max(least, slope);
            if (run < 0) greatest = Math.min(greatest, slope);
        }
    }
    return { least, greatest };
}

type Search = { slopes: Slopes; steps: Step[]; shift: number; toEven: boolean };

/** Multipliers tried for one shift. */
const MOST_MULTIPLIERS = 4n;

function fractionOf({ slopes, steps, shift, toEven }: Search): Requantisation | undefined {
    const first = BigInt(Math.ceil(slopes.least * 2 ** shift));
    const last = BigInt(Math.floor(slopes.greatest * 2 ** shift));
    const half = 1n << BigInt(shift - 1);
    for (let multiplier = first; multiplier <= last && multiplier < first + MOST_MULTIPLIERS; multiplier++) {
        const { least, greatest } = offsetsFor({ steps, multiplier, shift, toEven });
        if (least <= half && half <= greatest)
            return { multiplier, offset: half, divisor: 2n * half, toEven, exceptions: [] };
        if (least <= greatest && !toEven)
            return { multiplier, offset: least, divisor: 2n * half, toEven, exceptions: [] };
    }
    return undefined;
}

type Candidate = { steps: Step[]; multiplier: bigint; shift: number; toEven: boolean };

/** Every step bounds the offset from one side. */
function offsetsFor({ steps, multiplier, shift, toEven }: Candidate): { least: bigint; greatest: bigint } {
    const edges = steps.map(({ sum, level, isAtLeast }) => {
        const isTieDown = toEven && level % 2 !== 0;
        const edge = (BigInt(level) << BigInt(shift)) - BigInt(sum) * multiplier + (isTieDown ? 1n : 0n);
        return { edge, isAtLeast };
    });
    const least = edges.filter(({ isAtLeast }) => isAtLeast).map(({ edge }) => edge);
    const greatest = edges.filter(({ isAtLeast }) => !isAtLeast).map(({ edge }) => edge - 1n);
    const unbounded = 1n << BigInt(GREATEST_SHIFT + 64);
    return {
        least: least.length === 0 ? -unbounded : greatestOf(least),
        greatest: greatest.length === 0 ? unbounded : leastOf(greatest),
    };
}

/**
 * The certificate, checked anew: whether a fraction gives onnxruntime's level on both sides of every step of either
 * function, and at every exception.
 */
export function isExactRequantisation({
    range,
    fraction,
}: {
    range: RequantisedRange;
    fraction: Requantisation;
}): boolean {
    const around = stepsOf(range).flatMap(({ sum }) => [sum - 1, sum, sum + 1]);
    const special = fraction.exceptions.flatMap(({ sum }) => [sum - 1, sum, sum + 1]);
    const sums = [...around, ...special].filter((sum) => sum >= range.lo && sum <= range.hi);
    return sums.every((sum) => applyRequantisation({ range, fraction, sum }) === requantise({ ...range, sum }));
}

/** The level of one sum by the fraction, before the zero point. */
export function applyRequantisation({
    range: { min, max },
    fraction,
    sum,
}: {
    range: Pick<RequantisedRange, "min" | "max">;
    fraction: Requantisation;
    sum: number;
}): number {
    const delta = fraction.exceptions.find((exception) => exception.sum === sum)?.delta ?? 0;
    return Math.min(Math.max(Number(levelBeforeClamp({ fraction, sum })) + delta, min), max);
}

/** At `sum` the level before clamping is at least `level`, or it is not. */
type Step = { sum: number; level: number; isAtLeast: boolean };

function stepsOf(range: RequantisedRange): Step[] {
    const levelAt = (sum: number) => requantise({ ...range, sum });
    const [least, greatest] = [levelAt(range.lo), levelAt(range.hi)];
    const steps: Step[] = [];
    if (least > range.min) steps.push({ sum: range.lo, level: least, isAtLeast: true });
    if (greatest < range.max) steps.push({ sum: range.hi, level: greatest + 1, isAtLeast: false });
    for (let level = least + 1; level <= greatest; level++) {
        const sum = firstAtLeast({ range, level });
        steps.push({ sum, level, isAtLeast: true }, { sum: sum - 1, level, isAtLeast: false });
    }
    return steps;
}

/** The least sum whose level is at least `level`; hi's is. */
function firstAtLeast({ range, level }: { range: RequantisedRange; level: number }): number {
    let [below, reached] = [range.lo - 1, range.hi];
    while (reached - below > 1) {
        const middle = Math.floor((below + reached) / 2);
        if (requantise({ ...range, sum: middle }) >= level) reached = middle;
        else below = middle;
    }
    return reached;
}

function levelBeforeClamp({ fraction, sum }: { fraction: Requantisation; sum: number }): bigint {
    const { multiplier, offset, divisor, toEven } = fraction;
    const shifted = BigInt(sum) * multiplier + offset;
    const level = floorDivide(shifted, divisor);
    const isTie = level * divisor === shifted;
    return toEven && isTie && (level & 1n) === 1n ? level - 1n : level;
}

/** The nearest whole number, ties to even. */
export function roundHalfEven(value: number): number {
    const floor = Math.floor(value);
    const rest = value - floor;
    if (rest !== 1 / 2) return rest < 1 / 2 ? floor : floor + 1;
    return floor % 2 === 0 ? floor : floor + 1;
}
