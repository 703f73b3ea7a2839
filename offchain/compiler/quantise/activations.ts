import type { RealRange } from "../graph/functions.ts";
import type { FloatGraph, FloatLookUpNode, FloatNode } from "../graph/types.ts";
import { at } from "../integer/at.ts";
import { found } from "../integer/types.ts";
import { readersByTensor } from "../readersByTensor.ts";
import { chooseTableArgument, type TableArgument } from "./tableArgument.ts";

/** By tensor that may drop bits: how many its greatest calibrated value keeps. What is not named keeps all of them. */
export type ActivationBits = ReadonlyMap<string, number>;

/** Bits of the entries of a table that no bits are chosen for. */
const ENTRY_BITS = 12;

type Choice = { graph: FloatGraph; ranges: ReadonlyMap<string, RealRange>; bits: ActivationBits };

/** What precision needs to know of activations: scales, and the arguments of tables. */
export function activationPrecision({ graph, ranges, bits }: Choice): {
    activationScales: Map<string, number>;
    tableArguments: Map<string, TableArgument>;
} {
    const activationScales = new Map<string, number>();
    const tableArguments = new Map<string, TableArgument>();
    for (const [tensor, count] of bits) {
        activationScales.set(tensor, count - magnitudeLog2(found({ map: ranges, name: tensor })));
    }
    for (const node of graph.nodes) {
        if (node.op !== "lookUp") continue;
        const scaleLog2 = activationScales.get(node.output) ?? entryScale({ node, ranges });
        activationScales.set(node.output, scaleLog2);
        const range = found({ map: ranges, name: at(node.inputs, 0) });
        const argument = chooseTableArgument({ function: node.function, range, outputStep: 2 ** -scaleLog2 });
        tableArguments.set(node.output, argument);
    }
    return { activationScales, tableArguments };
}

function entryScale({ node, ranges }: { node: FloatLookUpNode; ranges: Choice["ranges"] }): number {
    return ENTRY_BITS - magnitudeLog2(found({ map: ranges, name: node.output }));
}

/** The least power of two that is not below any value; 0 stands in for a tensor that is never active. */
function magnitudeLog2({ lo, hi }: RealRange): number {
    const greatest = Math.max(Math.abs(lo), Math.abs(hi));
    return greatest > 0 && Number.isFinite(greatest) ? Math.ceil(Math.log2(greatest)) : 0;
}

/**
 * The tensors at which dropping bits makes what follows narrower, in evaluation order. A ReLU and a table drop bits for
 * nothing; other nodes pay for it, so only those are named whose bits reach another node that costs by the bit.
 */
export function narrowableTensors(graph: FloatGraph): string[] {
    const readers = readersByTensor(graph.nodes);
    const exact = exactTensors(graph);
    const costly = costlyTensors({ graph, readers });
    const selectors = selectorTensors(graph);
    const sourceOf = copiedFrom(graph);
    const tensors = graph.nodes.flatMap((node) => narrowedBy({ node, readers, costly, selectors, sourceOf }));
    const inputs = new Set(graph.inputs.map(({ tensor }) => tensor));
    return [...new Set(tensors)].filter((tensor) => !inputs.has(tensor) && !exact.has(tensor));
}

type Readers = ReadonlyMap<string, readonly FloatNode[]>;
type Narrowing = {
    node: FloatNode;
    readers: Readers;
    costly: ReadonlySet<string>;
    selectors: ReadonlySet<string>;
    sourceOf: (tensor: string) => string;
};

function narrowedBy({ node, readers, costly, selectors, sourceOf }: Narrowing): string[] {
    switch (node.op) {
        case "lookUp":
            return [node.output];
        case "relu": {
            const input = at(node.inputs, 0);
            return readers.get(input)?.length === 1 ? [node.output] : [input];
        }
        case "product": {
            if (!costly.has(node.output) || node.inputs.some((tensor) => selectors.has(tensor))) return [];
            return [...node.inputs.map(sourceOf), node.output];
        }
        case "clamp": // it goes on with the digits of what was narrowed before it
            return costly.has(node.output) ? [at(node.inputs, 0)] : [];
        case "maximum":
        case "divide":
        case "squareRoot":
            return costly.has(node.output) ? [node.output] : [];
        default:
            return [];
    }
}

/** Nodes that cost as many constraints as their operands have bits. */
const BY_THE_BIT: ReadonlySet<string> = new Set([
    "relu",
    "maximum",
    "clamp",
    "compare",
    "divide",
    "squareRoot",
    "lookUp",
    "argMax",
] satisfies FloatNode["op"][]);

/** Tensors whose bits reach such a node behind some map or product; right behind a tensor, that node drops them itself. */
function costlyTensors({ graph, readers }: { graph: FloatGraph; readers: Readers }): ReadonlySet<string> {
    const reachesCost = new Set<string>(); // through maps, or at once
    const costly = new Set<string>();
    for (const node of graph.nodes.toReversed()) {
        for (const reader of readers.get(node.output) ?? []) {
            const isEnd = BY_THE_BIT.has(reader.op);
            const goesOn = reader.op === "reshape" ? costly : reachesCost;
            if (!isEnd && goesOn.has(reader.output)) costly.add(node.output);
            if (isEnd || reachesCost.has(reader.output)) reachesCost.add(node.output);
        }
    }
    return costly;
}

/** What a tensor repeats or arranges: fewer elements to round than its own. */
function copiedFrom({ nodes }: FloatGraph): (tensor: string) => string {
    const sources = new Map<string, string>();
    for (const node of nodes) {
        const [input] = node.inputs;
        if (input !== undefined && isCopy(node)) sources.set(node.output, sources.get(input) ?? input);
    }
    return (tensor) => sources.get(tensor) ?? tensor;
}

function isCopy(node: FloatNode): boolean {
    if (node.op === "reshape") return true;
    if (node.op !== "affine" || node.kernels.length !== 1) return false;
    return node.kernels[0]?.kind === "select" && node.bias.every((bias) => bias === 0);
}

/** Tensors of 0 and 1 that choose: a product with one keeps what it chooses, or nothing of it. */
function selectorTensors({ nodes }: FloatGraph): ReadonlySet<string> {
    const selectors = new Set<string>();
    for (const node of nodes) {
        const isSelector = node.op === "oneHot" || node.op === "compare";
        if (isSelector || (isCopy(node) && node.inputs.every((tensor) => selectors.has(tensor))))
            selectors.add(node.output);
    }
    return selectors;
}

/** Readers to which whole numbers must come whole, and nodes that pass them on. */
const EXACT_READERS: ReadonlySet<string> = new Set([
    "integerAffine",
    "requantise",
    "oneHot",
    "table",
] satisfies FloatNode["op"][]);
const EXACT_PASSAGES: ReadonlySet<string> = new Set([
    "affine",
    "reshape",
    "clamp",
    "product",
    "maximum",
] satisfies FloatNode["op"][]);

/** Whole numbers that the model computes exactly stay so. */
function exactTensors({ nodes }: FloatGraph): ReadonlySet<string> {
    const exact = new Set<string>();
    for (const { op, inputs, output } of nodes.toReversed()) {
        const isExact = EXACT_READERS.has(op) || (EXACT_PASSAGES.has(op) && exact.has(output));
        if (isExact) for (const input of inputs) exact.add(input);
    }
    return exact;
}
