import { at } from "../at.ts";
import { greatestOf } from "../bigMath.ts";
import type { MaximumNode } from "../types.ts";
import type { Semantics } from "./semantics.ts";

/** Greatest element of each group. */
export const maximum: Semantics<MaximumNode> = {
    interval: ({ node, inputs: [input = { lo: [], hi: [] }] }) => ({
        lo: greatestOfGroups({ node, values: input.lo }),
        hi: greatestOfGroups({ node, values: input.hi }),
    }),
    evaluate: ({ node, inputs: [values = []] }) => greatestOfGroups({ node, values }),
};

/** The positions that each output compares. */
export function groupsOf({ size, indices }: Pick<MaximumNode, "size" | "indices">): number[][] {
    return Array.from({ length: indices.length / size }, (_, group) => indices.slice(group * size, (group + 1) * size));
}

function greatestOfGroups({ node, values }: { node: MaximumNode; values: bigint[] }): bigint[] {
    return groupsOf(node).map((group) => greatestOf(group.map((position) => at(values, position))));
}
