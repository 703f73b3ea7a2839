import { at } from "../at.ts";
import { GREATEST_KEY, keyOfBits, LEAST_KEY, ZERO_KEY } from "../floatKey.ts";
import type { Bounds } from "../interval.ts";
import type { ThermometerNode } from "../types.ts";
import type { Semantics } from "./semantics.ts";

/** One bit for each boundary: whether the feature reaches it. */
export const thermometer: Semantics<ThermometerNode> = {
    interval: ({ node, inputs: [input = { lo: [], hi: [] }] }) => {
        const ranges = input.lo.map((lo, index) => orderedBounds({ order: node.order, lo, hi: at(input.hi, index) }));
        const bits = (end: keyof Bounds) =>
            node.boundaries.map((boundary, index) => reaches(at(ranges, at(node.features, index))[end], boundary));
        return { lo: bits("lo"), hi: bits("hi") };
    },
    evaluate: ({ node, inputs: [values = []] }) =>
        node.boundaries.map((boundary, index) => {
            const value = at(values, at(node.features, index));
            return reaches(node.order === "float32" ? keyOfBits(value) : value, boundary);
        }),
};

/** The least and the greatest that a feature may be, in the order in which boundaries are compared. */
export function orderedBounds({ order, lo, hi }: Bounds & Pick<ThermometerNode, "order">): Bounds {
    if (order === "integer") return { lo, hi };
    if (hi < ZERO_KEY) return { lo: keyOfBits(lo), hi: keyOfBits(hi) };
    return lo >= ZERO_KEY ? { lo: keyOfBits(hi), hi: keyOfBits(lo) } : { lo: LEAST_KEY, hi: GREATEST_KEY };
}

function reaches(value: bigint, boundary: bigint): bigint {
    return value >= boundary ? 1n : 0n;
}
