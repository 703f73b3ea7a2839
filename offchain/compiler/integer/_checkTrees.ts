import { GREATEST_BITS, GREATEST_KEY, LEAST_KEY, ZERO_KEY } from "./floatKey.ts";
import { isSplit, leafNumber } from "./ops/trees.ts";
import type { IntegerGraph, ThermometerNode, TreesNode } from "./types.ts";

/** Whether boundaries ascend as their node promises, on features that exist. */
export function thermometerFits({ order, features, boundaries }: ThermometerNode, input: number | undefined): boolean {
    const ascends = features.every((feature, index) => {
        const before = features[index - 1] ?? -1;
        const isNext = feature > before || (feature === before && isAbove(boundaries[index], boundaries[index - 1]));
        return feature < (input ?? 0) && isNext;
    });
    const isKey = (key: bigint) => key >= LEAST_KEY && key <= GREATEST_KEY && key !== ZERO_KEY;
    return ascends && features.length === boundaries.length && (order === "integer" || boundaries.every(isKey));
}

function isAbove(value: bigint | undefined, other: bigint | undefined): boolean {
    return value !== undefined && other !== undefined && value > other;
}

type Sizes = { input: number | undefined; output: number };

/** Whether every reference of the trees leads to a smaller split or to a leaf that exists. */
export function treesFit(node: TreesNode, { input, output }: Sizes): boolean {
    const { width, bits, low, high, leaves, roots, groups, bias } = node;
    const leafCount = leaves.length / width;
    const leads = (reference: number, limit: number) =>
        isSplit(reference) ? reference < limit : leafNumber(reference) < leafCount;
    return (
        Number.isInteger(leafCount) &&
        leaves.every(Number.isSafeInteger) &&
        low.length === bits.length &&
        high.length === bits.length &&
        bits.every((bit) => bit < (input ?? 0)) &&
        [low, high].every((side) => side.every((reference, split) => leads(reference, split))) &&
        roots.every((reference) => leads(reference, bits.length)) &&
        groups.length === roots.length &&
        groups.every((group) => (group + 1) * width <= output) &&
        bias.length === output
    );
}

/** What is wrong with the use of raw bits, or undefined: only reshapes and float32 thermometers may read them. */
export function rawBitsFault({ inputs, nodes, outputs }: IntegerGraph): string | undefined {
    const raw = new Set<string>();
    for (const { tensor, min, max, encoding } of inputs) {
        if (encoding === undefined) continue;
        if (min !== 0n || max !== GREATEST_BITS) return `input "${tensor}" has not the range of float32 numbers`;
        raw.add(tensor);
    }
    for (const node of nodes) {
        const isRaw = node.inputs.some((name) => raw.has(name));
        const comparesRaw = node.op === "thermometer" && node.order === "float32";
        if (isRaw && node.op === "reshape") raw.add(node.output);
        else if (isRaw !== comparesRaw) return `"${node.name}" takes raw bits for numbers, or numbers for raw bits`;
    }
    const shown = outputs.find((name) => raw.has(name));
    return shown === undefined ? undefined : `output "${shown}" is raw bits`;
}
