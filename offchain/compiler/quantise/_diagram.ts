import type { FloatTreesNode } from "../graph/types.ts";
import { at } from "../integer/at.ts";
import { isSplit } from "../integer/ops/trees.ts";
import { found as foundIn } from "../integer/types.ts";
import { boundaryOf, type Comparison, type Scale } from "./_boundaries.ts";

/** Trees over bits, each split and each boundary once, without splits that can go only one way. */
export type Diagram = {
    features: number[];
    boundaries: bigint[];
    bits: number[];
    low: number[];
    high: number[];
    roots: number[];
};

/** Deeper trees, and those that share parts, are taken as they are: one-way splits are looked for by recursion. */
const DEEPEST_RECURSION = 500;

/** The trees of a node over whole numbers. */
export function diagramOf({ node, scale }: { node: FloatTreesNode; scale: Scale }): Diagram {
    const boundaries = createBoundaries({ node, scale });
    const splits = createSplits();
    const chooser: Chooser = { node, boundaries, splits };
    const isPlain = countReferences(node).every((count) => count <= 1);
    const isShallow = depthsOf(node).every((depth) => depth <= DEEPEST_RECURSION);
    const roots =
        isPlain && isShallow
            ? node.roots.map((reference) => prune({ chooser, reference, known: new Map() }))
            : translate(chooser);
    const { bits, low, high } = splits;
    return { features: boundaries.features, boundaries: boundaries.values, bits, low, high, roots };
}

type Chooser = { node: FloatTreesNode; boundaries: Boundaries; splits: Splits };

/** Positions of the boundaries that the paths so far reach, and do not reach. */
type Known = ReadonlyMap<number, { reached: number; missed: number }>;

type Pruning = { chooser: Chooser; reference: number; known: Known };

/** The tree without what the splits above have decided already. */
function prune({ chooser, reference, known }: Pruning): number {
    if (!isSplit(reference)) return reference;
    const { feature, relation, threshold, high, low } = at(chooser.node.splits, reference);
    const above = (next: Known) => prune({ chooser, reference: high, known: next });
    const below = (next: Known) => prune({ chooser, reference: low, known: next });
    if (relation !== "equal") {
        return decide({ chooser, split: { feature, relation, threshold }, known, above, below });
    }
    return decide({
        chooser,
        split: { feature, relation: "atLeast", threshold },
        known,
        below,
        above: (reached) =>
            decide({
                chooser,
                split: { feature, relation: "above", threshold },
                known: reached,
                above: below,
                below: above,
            }),
    });
}

type Decision = {
    chooser: Chooser;
    split: Comparison;
    known: Known;
    above: (known: Known) => number;
    below: (known: Known) => number;
};

function decide({ chooser: { boundaries, splits }, split, known, above, below }: Decision): number {
    const bit = boundaries.position(split);
    if (bit === "always") return above(known);
    if (bit === "never") return below(known);
    const range = known.get(split.feature) ?? { reached: -1, missed: Number.POSITIVE_INFINITY };
    if (bit <= range.reached) return above(known);
    if (bit >= range.missed) return below(known);
    const high = above(new Map(known).set(split.feature, { ...range, reached: bit }));
    const low = below(new Map(known).set(split.feature, { ...range, missed: bit }));
    return splits.add({ bit, low, high });
}

/** All trees split by split, from the leaves up. */
function translate({ node, boundaries, splits }: Chooser): number[] {
    const translated: number[] = [];
    const placeOf = (child: number) => (isSplit(child) ? at(translated, child) : child);
    const decideBit = (split: Comparison, { above, below }: { above: number; below: number }) => {
        const bit = boundaries.position(split);
        if (bit === "always") return above;
        return bit === "never" ? below : splits.add({ bit, low: below, high: above });
    };
    for (const { feature, relation, threshold, high, low } of node.splits) {
        const [above, below] = [placeOf(high), placeOf(low)];
        if (relation !== "equal") {
            translated.push(decideBit({ feature, relation, threshold }, { above, below }));
            continue;
        }
        const notAbove = decideBit({ feature, relation: "above", threshold }, { above: below, below: above });
        translated.push(decideBit({ feature, relation: "atLeast", threshold }, { above: notAbove, below }));
    }
    return node.roots.map(placeOf);
}

function depthsOf({ splits }: FloatTreesNode): number[] {
    const depths: number[] = [];
    for (const { high, low } of splits) {
        const below = [high, low].map((child) => (isSplit(child) ? at(depths, child) : 0));
        depths.push(1 + Math.max(...below));
    }
    return depths;
}

/** How often each split is led to; one that is equal to a threshold leads to its `low` twice. */
function countReferences({ splits, roots }: FloatTreesNode): number[] {
    const counts = new Array<number>(splits.length).fill(0);
    const count = (reference: number, times: number) => {
        if (isSplit(reference)) counts[reference] = at(counts, reference) + times;
    };
    for (const root of roots) count(root, 1);
    for (const { relation, high, low } of splits) {
        count(high, 1);
        count(low, relation === "equal" ? 2 : 1);
    }
    return counts;
}

type Boundaries = {
    features: number[];
    values: bigint[];
    position: (split: Comparison) => number | "always" | "never";
};

/** Every boundary that some split needs and that some value reaches and another does not, in order. */
function createBoundaries({ node, scale }: { node: FloatTreesNode; scale: Scale }): Boundaries {
    const found = new Map<string, bigint>();
    const byFeature = new Map<number, Set<bigint>>();
    const nameOf = ({ feature, relation, threshold }: Comparison) => `${feature} ${relation} ${threshold}`;
    const isOpen = ({ feature }: Comparison, boundary: bigint) => {
        const { lo, hi } = at(scale.ranges, feature);
        return boundary > lo && boundary <= hi;
    };
    for (const split of node.splits.flatMap(comparisonsOf)) {
        if (found.has(nameOf(split))) continue;
        const boundary = boundaryOf({ scale, split });
        found.set(nameOf(split), boundary);
        if (!isOpen(split, boundary)) continue;
        byFeature.set(split.feature, (byFeature.get(split.feature) ?? new Set()).add(boundary));
    }
    const ordered = [...byFeature]
        .toSorted(([left], [right]) => left - right)
        .flatMap(([feature, values]) => ascending([...values]).map((boundary) => ({ feature, boundary })));
    const positions = new Map(ordered.map(({ feature, boundary }, index) => [`${feature} ${boundary}`, index]));
    return {
        features: ordered.map(({ feature }) => feature),
        values: ordered.map(({ boundary }) => boundary),
        position: (split) => {
            const boundary = foundIn({ map: found, name: nameOf(split) });
            const position = positions.get(`${split.feature} ${boundary}`);
            if (position !== undefined) return position;
            return boundary <= at(scale.ranges, split.feature).lo ? "always" : "never";
        },
    };
}

function comparisonsOf({ feature, relation, threshold }: FloatTreesNode["splits"][number]): Comparison[] {
    const relations = relation === "equal" ? (["atLeast", "above"] as const) : [relation];
    return relations.map((each) => ({ feature, relation: each, threshold }));
}

function ascending(values: bigint[]): bigint[] {
    return values.toSorted((left, right) => (left < right ? -1 : 1));
}

type Splits = {
    bits: number[];
    low: number[];
    high: number[];
    add: (split: { bit: number; low: number; high: number }) => number;
};

/** Each split once; one whose ways lead to the same place is that place. */
function createSplits(): Splits {
    const known = new Map<string, number>();
    const [bits, low, high]: [number[], number[], number[]] = [[], [], []];
    return {
        bits,
        low,
        high,
        add: (split) => {
            if (split.low === split.high) return split.low;
            const name = `${split.bit} ${split.low} ${split.high}`;
            const place = known.get(name) ?? bits.length;
            if (place < bits.length) return place;
            known.set(name, place);
            bits.push(split.bit);
            low.push(split.low);
            high.push(split.high);
            return place;
        },
    };
}
