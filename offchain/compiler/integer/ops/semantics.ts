import type { Interval } from "../interval.ts";
import type { Rows } from "../rows.ts";
import type { IntegerNode } from "../types.ts";

/** What a node computes. Both functions take the values of `node.inputs` in order. */
export type Semantics<N extends IntegerNode> = {
    /** Bounds of the output. */
    interval: (bounds: { node: N; inputs: Interval[]; rows: Rows[] }) => Interval;
    /** The output itself. */
    evaluate: (values: { node: N; inputs: bigint[][]; rows: Rows[]; isSafe: boolean }) => bigint[];
};

/** An operation on each element that never decreases when its argument grows: bounds map to bounds. */
export function monotone<N extends IntegerNode>(apply: (node: N, value: bigint) => bigint): Semantics<N> {
    const each = (node: N, values: bigint[]) => values.map((value) => apply(node, value));
    return {
        interval: ({ node, inputs: [input] }) => ({ lo: each(node, input?.lo ?? []), hi: each(node, input?.hi ?? []) }),
        evaluate: ({ node, inputs: [input] }) => each(node, input ?? []),
    };
}
