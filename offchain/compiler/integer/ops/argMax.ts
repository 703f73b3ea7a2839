import { at } from "../at.ts";
import type { ArgMaxNode } from "../types.ts";
import type { Semantics } from "./semantics.ts";

/** Index of the first greatest element along an axis. */
export const argMax: Semantics<ArgMaxNode> = {
    interval: ({ node: { outer, length, inner } }) => {
        const count = outer * inner;
        return { lo: new Array<bigint>(count).fill(0n), hi: new Array<bigint>(count).fill(BigInt(length - 1)) };
    },
    evaluate: ({ node, inputs: [values = []] }) =>
        argMaxLines(node).map((line) => {
            let best = 0;
            for (const [index, position] of line.entries()) {
                if (at(values, position) > at(values, at(line, best))) best = index;
            }
            return BigInt(best);
        }),
};

/** The positions that each output element compares, in order of their index. */
export function argMaxLines({ outer, length, inner }: Pick<ArgMaxNode, "outer" | "length" | "inner">): number[][] {
    const lines: number[][] = [];
    for (let block = 0; block < outer; block++) {
        for (let offset = 0; offset < inner; offset++) {
            const start = block * length * inner + offset;
            lines.push(Array.from({ length }, (_, index) => start + index * inner));
        }
    }
    return lines;
}
