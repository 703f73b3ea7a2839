import { ProtocolError } from "@assay/protocol";
import { at } from "../at.ts";
import { greatestOf, leastOf } from "../bigMath.ts";
import { hull, type Interval } from "../interval.ts";
import type { OneHotNode, TableNode } from "../types.ts";
import type { Semantics } from "./semantics.ts";

/** A function of one variable, written out; throws MODEL_INTERVAL_OVERFLOW when an argument may leave the table. */
export const lookUp: Semantics<TableNode> = {
    interval: ({ node, inputs: [input = { lo: [], hi: [] }] }) => {
        const length = at(node.columns, 0).length;
        requireWithin({ name: node.name, input, min: node.min, length });
        const reached = input.lo.flatMap((lo, index) => {
            const [first, last] = [Number(lo - node.min), Number(at(input.hi, index) - node.min)];
            return node.columns.map((column) => column.slice(first, last + 1));
        });
        return { lo: reached.map(leastOf), hi: reached.map(greatestOf) };
    },
    evaluate: ({ node, inputs: [values = []] }) =>
        values.flatMap((value) => node.columns.map((column) => at(column, Number(value - node.min)))),
};

/** One 1 among zeros at the place that the index names; throws as `lookUp` does. */
export const oneHot: Semantics<OneHotNode> = {
    interval: ({ node: { name, min, depth }, inputs: [input = { lo: [], hi: [] }] }) => {
        requireWithin({ name, input, min, length: depth });
        const places = Array.from({ length: depth }, (_, place) => min + BigInt(place));
        const pairs = input.lo.flatMap((lo, index) => places.map((place) => ({ place, lo, hi: at(input.hi, index) })));
        return {
            lo: pairs.map(({ place, lo, hi }) => (lo === place && hi === place ? 1n : 0n)),
            hi: pairs.map(({ place, lo, hi }) => (lo <= place && place <= hi ? 1n : 0n)),
        };
    },
    evaluate: ({ node: { min, depth }, inputs: [values = []] }) =>
        values.flatMap((value) =>
            Array.from({ length: depth }, (_, place) => (value === min + BigInt(place) ? 1n : 0n)),
        ),
};

type Within = { name: string; input: Interval; min: bigint; length: number };

function requireWithin({ name, input, min, length }: Within): void {
    const { lo, hi } = hull(input);
    if (lo >= min && hi < min + BigInt(length)) return;
    throw new ProtocolError({
        code: "MODEL_INTERVAL_OVERFLOW",
        message: `${name}: an argument in ${lo}..${hi} leaves the table ${min}..${min + BigInt(length) - 1n}.`,
    });
}
