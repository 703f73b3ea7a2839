import type { FloatSplit, FloatTreesNode } from "../graph/types.ts";
import { at } from "../integer/at.ts";
import { floatOfKey, GREATEST_KEY, LEAST_KEY } from "../integer/floatKey.ts";
import type { Bounds } from "../integer/interval.ts";

/** How whole numbers stand for the numbers that a tree compares. */
export type Scale = {
    order: "integer" | "float32";
    /** By feature: the least and the greatest of them; of raw float bits, their keys. */
    ranges: readonly Bounds[];
    /** The number that one of them stands for, as the tree compares it; it never falls when the whole number grows. */
    realOf: (whole: bigint) => number;
};

/** The keys of float32 numbers: comparisons are exactly those of the model. */
export function floatScale(features: number): Scale {
    const range = { lo: LEAST_KEY, hi: GREATEST_KEY };
    return { order: "float32", ranges: new Array<Bounds>(features).fill(range), realOf: floatOfKey };
}

type Grid = { ranges: readonly Bounds[]; scaleLog2: number; zeroPoint: bigint };

/** Whole numbers of a grid; onnxruntime rounds them to float32 before it compares, unless the model compares doubles. */
export function gridScale(
    { ranges, scaleLog2, zeroPoint }: Grid,
    { precision }: Pick<FloatTreesNode, "precision">,
): Scale {
    const rounded = precision === "float32" ? Math.fround : (value: number) => value;
    return { order: "integer", ranges, realOf: (whole) => rounded(Number(whole - zeroPoint) * 2 ** -scaleLog2) };
}

/**
 * The least whole number of a feature that reaches a threshold, or surpasses it; one above the greatest when none does.
 * Found by bisection, since `realOf` is monotone.
 */
export function boundaryOf({ scale, split }: { scale: Scale; split: Comparison }): bigint {
    const { lo, hi } = at(scale.ranges, split.feature);
    const holds = (whole: bigint) => {
        const real = scale.realOf(whole);
        return split.relation === "above" ? real > split.threshold : real >= split.threshold;
    };
    let [below, above] = [lo - 1n, hi + 1n];
    while (above - below > 1n) {
        const middle = below + (above - below) / 2n;
        if (holds(middle)) above = middle;
        else below = middle;
    }
    return above;
}

/** The part of a split that one boundary answers. */
export type Comparison = Pick<FloatSplit, "feature" | "threshold"> & { relation: "atLeast" | "above" };
