import { domainOf, type RealRange, realFunction } from "../graph/functions.ts";
import type { RealFunction } from "../graph/types.ts";
import { at } from "../integer/at.ts";

/** The arguments that a table keeps apart: integers [min, max] that stand for integer * 2^-scaleLog2. */
export type TableArgument = { scaleLog2: number; min: number; max: number };

/** A table of more bits costs more than a few of these gain. */
export const MOST_TABLE_BITS = 12;
const FEWEST_TABLE_BITS = 3;
/**
 * Part of the calibrated width that is added at each end, for arguments that calibration did not show; not at an end that
 * is exactly 0, which rectified values and differences from a maximum never pass.
 */
const MARGIN = 1 / 4;
/** Places at which tails and slopes are looked at: they decide accuracy and size, never soundness. */
const PLACES = 1024;
/** Scales that a table may have: beyond them a range is a point, or not to be told from 0. */
const [COARSEST, FINEST] = [-40, 40];

type Choice = {
    function: RealFunction;
    /** Arguments that calibration showed. */
    range: RealRange;
    /** Step of the table's entries. */
    outputStep: number;
};

/**
 * The fewest steps over the calibrated arguments and a margin at which neighbouring entries differ by little more than
 * one step of the output; tails in which the function hardly moves are left to the clamp.
 */
export function chooseTableArgument({ function: fn, range, outputStep }: Choice): TableArgument {
    const evaluate = realFunction(fn);
    const inner = withoutTails({ evaluate, range: widened({ range, domain: domainOf(fn) }), outputStep });
    for (let bits = FEWEST_TABLE_BITS; bits < MOST_TABLE_BITS; bits++) {
        const argument = coveringBlock({ range: inner, bits });
        if (greatestJump({ evaluate, range: inner, step: 2 ** -argument.scaleLog2 }) <= 2 * outputStep) return argument;
    }
    return coveringBlock({ range: inner, bits: MOST_TABLE_BITS });
}

function widened({ range: { lo, hi }, domain }: { range: RealRange; domain: RealRange }): RealRange {
    const margin = (hi - lo) * MARGIN;
    const [from, to] = [
        Math.max(lo === 0 ? lo : lo - margin, domain.lo),
        Math.min(hi === 0 ? hi : hi + margin, domain.hi),
    ];
    return from <= to ? { lo: from, hi: to } : { lo, hi };
}

type Look = { evaluate: (x: number) => number; range: RealRange };

function placesOf({ lo, hi }: RealRange): number[] {
    return Array.from({ length: PLACES + 1 }, (_, index) => lo + ((hi - lo) * index) / PLACES);
}

/** The range without the ends over which the function moves by less than half a step. */
function withoutTails({ evaluate, range, outputStep }: Look & { outputStep: number }): RealRange {
    const places = placesOf(range);
    const values = places.map(evaluate);
    const moves = (end: number) => (value: number) => Math.abs(value - end) > outputStep / 2;
    const [first, last] = [at(values, 0), at(values, PLACES)];
    const [from, to] = [values.findIndex(moves(first)), values.findLastIndex(moves(last))];
    if (from === -1 || to === -1) return { lo: at(places, PLACES / 2), hi: at(places, PLACES / 2) };
    const [lo, hi] = [Math.max(0, from - 1), Math.min(PLACES, to + 1)];
    return lo < hi ? { lo: at(places, lo), hi: at(places, hi) } : range;
}

function greatestJump({ evaluate, range, step }: Look & { step: number }): number {
    return placesOf(range).reduce((greatest, x) => {
        const jump = Math.abs(evaluate(x + step) - evaluate(x));
        return Number.isFinite(jump) ? Math.max(greatest, jump) : greatest;
    }, 0);
}

/** 2^bits arguments in a row at the finest scale at which they cover a range, as much beyond one end as the other. */
function coveringBlock({ range: { lo, hi }, bits }: { range: RealRange; bits: number }): TableArgument {
    const most = 2 ** bits - 1;
    const ends = (scaleLog2: number) => [Math.floor(lo * 2 ** scaleLog2), Math.ceil(hi * 2 ** scaleLog2)] as const;
    const spare = (scaleLog2: number) => most - (ends(scaleLog2)[1] - ends(scaleLog2)[0]);
    let scaleLog2 = FINEST;
    while (scaleLog2 > COARSEST && spare(scaleLog2) < 0) scaleLog2 -= 1;
    const min = ends(scaleLog2)[0] - Math.floor(spare(scaleLog2) / 2);
    return { scaleLog2, min, max: min + most };
}
