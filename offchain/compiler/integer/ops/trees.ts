import { ProtocolError } from "@assay/protocol";
import { at } from "../at.ts";
import { greatestOf, leastOf, magnitude } from "../bigMath.ts";
import type { Interval } from "../interval.ts";
import type { TreesNode } from "../types.ts";
import type { Semantics } from "./semantics.ts";

/** Sums of the leaves that the bits lead to. */
export const trees: Semantics<TreesNode> = {
    interval: ({ node, inputs: [bits = { lo: [], hi: [] }] }) => {
        const ranges = rootRanges({ node, bits });
        return {
            lo: addRoots({ node, weightsOf: (root) => at(ranges, root).lo }),
            hi: addRoots({ node, weightsOf: (root) => at(ranges, root).hi }),
        };
    },
    evaluate: ({ node, inputs: [bits = []] }) => {
        const weightsOf = (root: number) => leafWeights({ node, leaf: leafOf({ node, root, bits }) });
        return addRoots({ node, weightsOf });
    },
};

/** Splits and leaves have numbers of their own: what is not negative is a split, -1 - l is leaf l. */
export function isSplit(reference: number): boolean {
    return reference >= 0;
}

/** The leaf of a reference to one. */
export function leafNumber(reference: number): number {
    return -1 - reference;
}

/** The weights of a leaf. */
export function leafWeights({ node: { width, leaves }, leaf }: { node: TreesNode; leaf: number }): bigint[] {
    return leaves.slice(leaf * width, (leaf + 1) * width).map(BigInt);
}

/** |bias| and the greatest weight of every root, summed: bounds every partial sum of an output in every order. */
export function reachOfTrees({ node, bits }: { node: TreesNode; bits: Interval }): bigint {
    const sizes = rootRanges({ node, bits }).map(({ lo, hi }) =>
        lo.map((least, index) => greatestOf([magnitude(least), magnitude(at(hi, index))])),
    );
    const bias = node.bias.map(magnitude);
    return greatestOf(addRoots({ node: { ...node, bias }, weightsOf: (root) => at(sizes, root) }));
}

type Routing = { node: TreesNode; root: number; bits: readonly bigint[] };

function leafOf({ node, root, bits }: Routing): number {
    let place = at(node.roots, root);
    while (isSplit(place)) place = at(at(bits, at(node.bits, place)) === 1n ? node.high : node.low, place);
    return leafNumber(place);
}

type Adding = { node: TreesNode; weightsOf: (root: number) => readonly bigint[] };

function addRoots({ node, weightsOf }: Adding): bigint[] {
    const sums = [...node.bias];
    for (const [root, group] of node.groups.entries()) {
        for (const [column, weight] of weightsOf(root).entries()) {
            const output = group * node.width + column;
            sums[output] = at(sums, output) + weight;
        }
    }
    return sums;
}

/** For each root the least and greatest weights of the leaves that it can lead to. */
function rootRanges({ node, bits }: { node: TreesNode; bits: Interval }): Interval[] {
    if (bits.lo.some((lo) => lo < 0n) || bits.hi.some((hi) => hi > 1n)) {
        throw new ProtocolError({
            code: "MODEL_INTERVAL_OVERFLOW",
            message: `${node.name}: trees are routed by bits.`,
        });
    }
    const ofSplits: Interval[] = [];
    const rangeOf = (reference: number): Interval => {
        if (isSplit(reference)) return at(ofSplits, reference);
        const weights = leafWeights({ node, leaf: leafNumber(reference) });
        return { lo: weights, hi: weights };
    };
    for (const [split, bit] of node.bits.entries()) {
        const ranges = [];
        if (at(bits.lo, bit) === 0n) ranges.push(rangeOf(at(node.low, split)));
        if (at(bits.hi, bit) === 1n) ranges.push(rangeOf(at(node.high, split)));
        ofSplits.push(union(ranges));
    }
    return node.roots.map(rangeOf);
}

function union(ranges: readonly Interval[]): Interval {
    const [first = { lo: [], hi: [] }, ...others] = ranges;
    if (others.length === 0) return first;
    const column = (index: number, end: keyof Interval) => ranges.map((range) => at(range[end], index));
    return {
        lo: first.lo.map((_, index) => leastOf(column(index, "lo"))),
        hi: first.hi.map((_, index) => greatestOf(column(index, "hi"))),
    };
}
