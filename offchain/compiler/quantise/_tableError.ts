import { domainOf, type RealRange, realFunction, turningPoints } from "../graph/functions.ts";
import type { RealFunction } from "../graph/types.ts";
import { at } from "../integer/at.ts";

type Table = {
    function: RealFunction;
    /** Real values of the entries; entry i is met by arguments within half a step of (min + i) * step, or only by it. */
    entries: readonly number[];
    min: number;
    step: number;
    isRounded: boolean;
    /** Every argument that an accepted input may give. */
    range: RealRange;
};

/**
 * The greatest error of a table, and of what is beyond its ends: over every real argument of the range where the function
 * is defined, since it is monotone between the arguments that are looked at.
 */
export function tableError({ function: fn, entries, min, step, isRounded, range }: Table) {
    const half = isRounded ? step / 2 : 0;
    const centre = (index: number) => (min + index) * step;
    const [first, last] = [centre(0) - half, centre(entries.length - 1) + half];
    const errorIn = (span: RealRange, index: number) =>
        greatestError({ fn, entry: at(entries, index), span: overlap(span, range) });
    const inside = entries.map((_, index) => errorIn({ lo: centre(index) - half, hi: centre(index) + half }, index));
    const below = errorIn({ lo: range.lo, hi: first }, 0);
    const above = errorIn({ lo: last, hi: range.hi }, entries.length - 1);
    return { inside: inside.reduce((most, error) => Math.max(most, error), 0), beyond: Math.max(below, above) };
}

type Span = { fn: RealFunction; entry: number; span: RealRange };

function greatestError({ fn, entry, span }: Span): number {
    const { lo, hi } = overlap(span, domainOf(fn));
    if (lo > hi) return 0;
    const evaluate = realFunction(fn);
    return [lo, ...turningPoints(fn, { lo, hi }), hi].reduce(
        (most, x) => Math.max(most, Math.abs(evaluate(x) - entry)),
        0,
    );
}

function overlap(left: RealRange, right: RealRange): RealRange {
    return { lo: Math.max(left.lo, right.lo), hi: Math.min(left.hi, right.hi) };
}
