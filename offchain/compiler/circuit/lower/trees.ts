import { at } from "../../integer/at.ts";
import { greatestOf, leastOf } from "../../integer/bigMath.ts";
import type { Bounds } from "../../integer/interval.ts";
import { isSplit, leafNumber, leafWeights } from "../../integer/ops/trees.ts";
import type { TreesNode } from "../../integer/types.ts";
import { asCombination, type Builder, elementOf } from "../_builder.ts";
import { difference, weightedSum } from "../combination.ts";
import type { Element, LinearCombination } from "../plan.ts";

type Lowering = { builder: Builder; node: TreesNode; bits: Element[]; bounds: Bounds[] };
/** Trees of one node; what a split was worth for one tree serves every other that shares it. */
type Grove = Omit<Lowering, "bounds"> & { values: Map<number, Element[]> };

/** Each tree by the cheaper of two ways: the values of its splits, or the bits that say which leaf is reached. */
export function lowerTrees({ builder, node, bits, bounds }: Lowering): Element[] {
    const grove: Grove = { builder, node, bits, values: new Map() };
    const parts: { value: LinearCombination; weight: bigint }[][] = bounds.map(() => []);
    for (const [tree, root] of node.roots.entries()) {
        const first = at(node.groups, tree) * node.width;
        for (const [column, value] of treeValues({ grove, root }).entries()) {
            at(parts, first + column).push({ value: asCombination(value), weight: 1n });
        }
    }
    return bounds.map((known, output) =>
        elementOf({
            builder,
            value: weightedSum({ constant: at(node.bias, output), parts: at(parts, output) }),
            known,
        }),
    );
}

type Rooted = { grove: Grove; root: number };

function treeValues({ grove, root }: Rooted): Element[] {
    const splits = splitsBelow({ grove, root });
    const inner = splits.filter((split) => isInner({ grove, split }));
    const byValues = inner.length * grove.node.width;
    return byValues <= Math.max(0, splits.length - 1)
        ? valuesAt({ grove, reference: root, splits })
        : leafSums({ grove, root, splits });
}

/** Splits that the root may lead through, children before parents. */
function splitsBelow({ grove, root }: Rooted): number[] {
    const found = new Set<number>();
    const open = [root];
    for (let reference = open.pop(); reference !== undefined; reference = open.pop()) {
        if (!isSplit(reference) || found.has(reference)) continue;
        found.add(reference);
        open.push(...childrenOf({ grove, split: reference }));
    }
    return [...found].sort((a, b) => a - b);
}

type AtSplit = { grove: Grove; split: number };

/** Where a split may lead: one way only when its bit never varies. */
function childrenOf({ grove: { node, bits }, split }: AtSplit): number[] {
    const bit = at(bits, at(node.bits, split));
    const [low, high] = [at(node.low, split), at(node.high, split)];
    if (bit.kind !== "constant") return [low, high];
    return [bit.value === 1n ? high : low];
}

/** Whether its value takes a product for each output: both children being leaves, it is linear in the bit. */
function isInner({ grove, split }: AtSplit): boolean {
    const children = childrenOf({ grove, split });
    return children.length === 2 && children.some(isSplit);
}

/** value = low + bit * (high - low), from the leaves up. */
function valuesAt({ grove, reference, splits }: { grove: Grove; reference: number; splits: number[] }): Element[] {
    for (const split of splits) {
        if (!grove.values.has(split)) grove.values.set(split, splitValues({ grove, split }));
    }
    return childValues({ grove, reference });
}

function childValues({ grove: { node, values }, reference }: { grove: Grove; reference: number }): Element[] {
    if (!isSplit(reference)) {
        return leafWeights({ node, leaf: leafNumber(reference) }).map((value) => ({ kind: "constant", value }));
    }
    const known = values.get(reference);
    if (known === undefined) throw new RangeError("Children come before their parents");
    return known;
}

function splitValues({ grove, split }: AtSplit): Element[] {
    const { builder, node, bits } = grove;
    const [low = [], high] = childrenOf({ grove, split }).map((reference) => childValues({ grove, reference }));
    if (high === undefined) return low;
    const bit = at(bits, at(node.bits, split));
    return low.map((left, column) => choose({ builder, bit, low: left, high: at(high, column) }));
}

type Choice = { builder: Builder; bit: Element; low: Element; high: Element };

function choose({ builder, bit, low, high }: Choice): Element {
    const [left, right] = [builder.boundsOf(low), builder.boundsOf(high)];
    const known = { lo: leastOf([left.lo, right.lo]), hi: greatestOf([left.hi, right.hi]) };
    const gain = difference({ left: asCombination(high), right: asCombination(low) });
    if (gain.terms.length === 0) {
        const parts = [
            { value: asCombination(low), weight: 1n },
            { value: asCombination(bit), weight: gain.constant },
        ];
        return elementOf({ builder, value: weightedSum({ parts }), known });
    }
    const target = builder.declare({ name: "branch", bounds: [known] }).first;
    return builder.product({ target, left: asCombination(bit), right: gain, plus: asCombination(low) });
}

/** Sums of leaf weights times the bits that say which leaf is reached: one product for each split but the root. */
function leafSums({ grove, root, splits }: Rooted & { splits: number[] }): Element[] {
    const { builder, node } = grove;
    const paths = new Map<number, LinearCombination[]>([[root, [{ constant: 1n, terms: [] }]]]);
    for (const split of splits.toReversed()) {
        const reached = joined(paths.get(split) ?? []);
        for (const { reference, path } of branches({ grove, split, reached })) {
            paths.set(reference, [...(paths.get(reference) ?? []), path]);
        }
    }
    const leaves = [...paths].filter(([reference]) => !isSplit(reference));
    return Array.from({ length: node.width }, (_, column) => {
        const weightOf = (reference: number) => BigInt(at(node.leaves, leafNumber(reference) * node.width + column));
        const parts = leaves.map(([reference, ways]) => ({ value: joined(ways), weight: weightOf(reference) }));
        const known = {
            lo: leastOf(parts.map(({ weight }) => weight)),
            hi: greatestOf(parts.map(({ weight }) => weight)),
        };
        return elementOf({ builder, value: weightedSum({ parts }), known });
    });
}

function joined(ways: readonly LinearCombination[]): LinearCombination {
    return weightedSum({ parts: ways.map((value) => ({ value, weight: 1n })) });
}

/** The two ways on from a split that is reached when `reached` is 1: reached * bit, and the rest. */
function branches({ grove, split, reached }: AtSplit & { reached: LinearCombination }) {
    const { builder, node, bits } = grove;
    const [low, high] = childrenOf({ grove, split });
    if (low === undefined) throw new RangeError("A split leads somewhere");
    if (high === undefined) return [{ reference: low, path: reached }];
    const bit = asCombination(at(bits, at(node.bits, split)));
    const isCertain = reached.terms.length === 0;
    const upwards = isCertain ? bit : pathSignal({ builder, left: bit, right: reached });
    return [
        { reference: low, path: difference({ left: reached, right: upwards }) },
        { reference: high, path: upwards },
    ];
}

type Path = { builder: Builder; left: LinearCombination; right: LinearCombination };

function pathSignal({ builder, left, right }: Path): LinearCombination {
    const target = builder.declare({ name: "path", bounds: [{ lo: 0n, hi: 1n }] }).first;
    return asCombination(builder.product({ target, left, right }));
}
