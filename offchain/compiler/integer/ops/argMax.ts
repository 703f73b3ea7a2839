import { at } from "../at.ts";
import type { Interval } from "../interval.ts";
import type { ArgMaxNode } from "../types.ts";
import type { Semantics } from "./semantics.ts";

/** Index of the first greatest element along an axis. */
export const argMax: Semantics<ArgMaxNode> = {
    interval: ({ node, inputs: [input = { lo: [], hi: [] }] }) => {
        const winners = argMaxLines(node).map((line) => possibleWinners({ line, input }));
        return {
            lo: winners.map((indices) => BigInt(at(indices, 0))),
            hi: winners.map((indices) => BigInt(at(indices, indices.length - 1))),
        };
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

/** Indices, ascending, that no other element beats for certain. */
function possibleWinners({ line, input: { lo, hi } }: { line: number[]; input: Interval }): number[] {
    const winners: number[] = [];
    for (const [index, position] of line.entries()) {
        const isBeaten = line.some((other, rival) => {
            const margin = at(lo, other) - at(hi, position);
            return margin > 0n || (margin === 0n && rival < index);
        });
        if (!isBeaten) winners.push(index);
    }
    return winners;
}

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
