import type { Interval } from "../interval.ts";
import type { Rows } from "../rows.ts";
import type { IntegerNode } from "../types.ts";
import { argMax } from "./argMax.ts";
import { relu, reluRescale, rescale, reshape } from "./elementwise.ts";
import { linear } from "./linear.ts";
import type { Semantics } from "./semantics.ts";

/** What one node computes, whatever its operation. */
export type NodeSemantics = {
    interval: (bounds: { inputs: Interval[]; rows: Rows[] }) => Interval;
    evaluate: (values: { inputs: bigint[][]; rows: Rows[]; isSafe: boolean }) => bigint[];
};

/** The meaning of a node of the integer graph. */
export function semanticsOf(node: IntegerNode): NodeSemantics {
    switch (node.op) {
        case "linear":
            return bind({ node, semantics: linear });
        case "relu":
            return bind({ node, semantics: relu });
        case "rescale":
            return bind({ node, semantics: rescale });
        case "reluRescale":
            return bind({ node, semantics: reluRescale });
        case "argMax":
            return bind({ node, semantics: argMax });
        case "reshape":
            return bind({ node, semantics: reshape });
    }
}

function bind<N extends IntegerNode>({ node, semantics }: { node: N; semantics: Semantics<N> }): NodeSemantics {
    return {
        interval: (bounds) => semantics.interval({ node, ...bounds }),
        evaluate: (values) => semantics.evaluate({ node, ...values }),
    };
}
