import { comparedValue } from "../graph/comparedValue.ts";
import type { FloatSplit, FloatTreesNode } from "../graph/types.ts";
import { at } from "../integer/at.ts";
import { floatOfKey, GREATEST_KEY, LEAST_KEY } from "../integer/floatKey.ts";
import type { Bounds } from "../integer/interval.ts";

/** How whole numbers stand for the numbers that a tree compares. */
export type Scale = {
    order: "integer" | "float32";
    /** By feature: the least and the greatest of them; of raw float bits, their keys. */
    ranges: readonly Bounds[];
    /** The number that is compared for one of them; it never falls when the whole number grows. */
    realOf: (whole: bigint, feature: number) => number;
};

type Comparing = Pick<FloatTreesNode, "precision" | "scaler">;

/** The keys of float32 numbers: comparisons are exactly those of the model. */
export function floatScale({ features, node }: { features: number; node: Comparing }): Scale {
    const range = { lo: LEAST_KEY, hi: GREATEST_KEY };
    return {
        order: "float32",
        ranges: new Array<Bounds>(features).fill(range),
        realOf: (key, feature) => comparedValue({ node, value: floatOfKey(key), feature }),
    };
}

type Grid = { ranges: readonly Bounds[]; scaleLog2: number; zeroPoint: bigint; node: Comparing };

/** Whole numbers of a grid: each is the number that the model is given for it. */
export function gridScale({ ranges, scaleLog2, zeroPoint, node }: Grid): Scale {
    const realOf = (whole: bigint, feature: number) =>
        comparedValue({ node, value: Number(whole - zeroPoint) * 2 ** -scaleLog2, feature });
    return { order: "integer", ranges, realOf };
}

/**
 * The least whole number of a feature that reaches a threshold, or surpasses it; one above the greatest when none does.
 * Found by bisection, since `realOf` is monotone.
 */
export function boundaryOf({ scale, split }: { scale: Scale; split: Comparison }): bigint {
    const { lo, hi } = at(scale.ranges, split.feature);
    const holds = (whole: bigint) => {
        const real = scale.realOf(whole, split.feature);
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
