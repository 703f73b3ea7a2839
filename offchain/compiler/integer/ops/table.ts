import type { Interval } from "../interval.ts";
import type { Rows } from "../rows.ts";
import type { IntegerNode } from "../types.ts";
import { argMax } from "./argMax.ts";
import { divide, product } from "./binary.ts";
import { clamp, compare, relu, reluRescale, rescale, reshape, roundEven, squareRoot } from "./elementwise.ts";
import { linear } from "./linear.ts";
import { lookUp, oneHot } from "./lookUp.ts";
import { maximum } from "./maximum.ts";
import type { Semantics } from "./semantics.ts";
import { thermometer } from "./thermometer.ts";
import { trees } from "./trees.ts";

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
        case "roundEven":
            return bind({ node, semantics: roundEven });
        case "clamp":
            return bind({ node, semantics: clamp });
        case "compare":
            return bind({ node, semantics: compare });
        case "maximum":
            return bind({ node, semantics: maximum });
        case "table":
            return bind({ node, semantics: lookUp });
        case "oneHot":
            return bind({ node, semantics: oneHot });
        case "product":
            return bind({ node, semantics: product });
        case "divide":
            return bind({ node, semantics: divide });
        case "squareRoot":
            return bind({ node, semantics: squareRoot });
        case "thermometer":
            return bind({ node, semantics: thermometer });
        case "trees":
            return bind({ node, semantics: trees });
    }
}

function bind<N extends IntegerNode>({ node, semantics }: { node: N; semantics: Semantics<N> }): NodeSemantics {
    return {
        interval: (bounds) => semantics.interval({ node, ...bounds }),
        evaluate: (values) => semantics.evaluate({ node, ...values }),
    };
}
