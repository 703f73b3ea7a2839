import { greatestOf, magnitude } from "../bigMath.ts";
import type { Interval } from "../interval.ts";
import type { Rows } from "../rows.ts";
import type { LinearNode } from "../types.ts";
import type { Semantics } from "./semantics.ts";
import { DOUBLE_LIMIT, signedSums } from "./signedSums.ts";

/** bias + sum of weight * element. */
export const linear: Semantics<LinearNode> = {
    interval: ({ node, inputs, rows }) => {
        const isSafe = reachOf({ node, inputs, rows }) < DOUBLE_LIMIT;
        const base = { bias: node.bias, rows, isSafe };
        return {
            lo: signedSums({ ...base, sources: inputs.map(({ lo, hi }) => ({ forPositive: lo, forNegative: hi })) }),
            hi: signedSums({ ...base, sources: inputs.map(({ lo, hi }) => ({ forPositive: hi, forNegative: lo })) }),
        };
    },
    evaluate: ({ node, inputs, rows, isSafe }) => {
        const sources = inputs.map((values) => ({ forPositive: values, forNegative: values }));
        return signedSums({ bias: node.bias, rows, sources, isSafe });
    },
};

/**
 * The greatest |bias| + sum of |weight| * |element| over the outputs: it bounds every partial sum in every order of
 * addition, so a number type that holds it computes the node exactly.
 */
export function reachOf({ node, inputs, rows }: { node: LinearNode; inputs: Interval[]; rows: Rows[] }): bigint {
    const sources = inputs.map(({ lo, hi }) => {
        const sizes = lo.map((least, index) => greatestOf([magnitude(least), magnitude(hi[index] ?? 0n)]));
        return { forPositive: sizes, forNegative: sizes.map((size) => -size) };
    });
    const base = { bias: node.bias.map(magnitude), rows, sources };
    // Sums of non-negative doubles are exact as long as the last one is below the limit
    const quick = greatestOf(signedSums({ ...base, isSafe: true }));
    return quick < DOUBLE_LIMIT ? quick : greatestOf(signedSums({ ...base, isSafe: false }));
}
