import { FIELD_ORDER } from "@assay/protocol";
import { rawBitsFault, thermometerFits, treesFit } from "./_checkTrees.ts";
import { type ConvShape, convOutputSpatial } from "./conv.ts";
import { countOf, type IntegerGraph, type IntegerNode, type Kernel, type SparseKernel } from "./types.ts";

/** Elements of a tensor, and products of a kernel: beyond what the compiler itself makes, so that memory is bounded. */
const MOST_ELEMENTS = 2 ** 22;
const MOST_PRODUCTS = 2 ** 26;

/** What is wrong with a graph that came from outside, or undefined: names defined once and before use, sizes that fit. */
export function graphFault(graph: IntegerGraph): string | undefined {
    const { parametersSalt: salt } = graph;
    if (salt !== undefined && (salt < 0n || salt >= FIELD_ORDER))
        return "the salt of its parameters is out of the field";
    const large = [...graph.tensors].find(([, { shape }]) => countOf(shape) > MOST_ELEMENTS);
    if (large !== undefined) return `"${large[0]}" has more than ${MOST_ELEMENTS} elements`;
    const defined = new Set<string>();
    for (const { tensor, min, max } of graph.inputs) {
        if (defined.has(tensor) || !graph.tensors.has(tensor)) return `input "${tensor}" is no tensor of its own`;
        if (min > max) return `input "${tensor}" has an empty range`;
        defined.add(tensor);
    }
    for (const node of graph.nodes) {
        const unknown = node.inputs.find((name) => !defined.has(name));
        if (unknown !== undefined) return `"${node.name}" reads "${unknown}", which nothing before it defines`;
        if (defined.has(node.output)) return `"${node.output}" is defined twice`;
        const output = countIn({ graph, name: node.output });
        const inputs = node.inputs.map((name) => countIn({ graph, name }));
        if (output === undefined || !fits({ node, inputs, output })) return `"${node.name}" does not fit its tensors`;
        defined.add(node.output);
    }
    const missing = graph.outputs.find((name) => !defined.has(name));
    return missing === undefined ? rawBitsFault(graph) : `output "${missing}" is not defined`;
}

type Sizes = { node: IntegerNode; inputs: (number | undefined)[]; output: number };

function fits({ node, inputs, output }: Sizes): boolean {
    const [first] = inputs;
    switch (node.op) {
        case "linear":
            return (
                node.bias.length === output &&
                node.kernels.length === inputs.length &&
                node.kernels.every((kernel, index) => kernelFits({ kernel, input: inputs[index], output }))
            );
        case "argMax":
            return first === node.outer * node.length * node.inner && output === node.outer * node.inner;
        case "maximum":
            return (
                inputs.length === 1 &&
                node.size >= 1 &&
                node.indices.length === output * node.size &&
                areIndices({ indices: node.indices, count: first ?? 0, least: 0 })
            );
        case "table": {
            const [column] = node.columns;
            const isEven = column !== undefined && node.columns.every(({ length }) => length === column.length);
            return inputs.length === 1 && isEven && output === (first ?? 0) * node.columns.length;
        }
        case "oneHot":
            return inputs.length === 1 && output === (first ?? 0) * node.depth;
        case "product":
        case "divide":
            return inputs.length === 2 && first === output && inputs[1] === output;
        case "thermometer":
            return inputs.length === 1 && node.boundaries.length === output && thermometerFits(node, first);
        case "trees":
            return inputs.length === 1 && treesFit(node, { input: first, output });
        case "clamp":
            return first === output && inputs.length === 1 && node.min <= node.max;
        case "relu":
        case "rescale":
        case "reluRescale":
        case "roundEven":
        case "compare":
        case "squareRoot":
        case "reshape":
            return first === output && inputs.length === 1;
    }
}

function kernelFits({ kernel, input, output }: { kernel: Kernel; input: number | undefined; output: number }): boolean {
    switch (kernel.kind) {
        case "dense": {
            const { positions, rows, columns, weights } = kernel;
            const isSized = input === positions * columns && output === positions * rows;
            const isBounded = output * columns <= MOST_PRODUCTS;
            return isSized && isBounded && weights.length === rows * columns && areSafe(weights);
        }
        case "conv": {
            const { channels, filters, groups, spatial, kernel: window, weights } = kernel;
            if (channels % groups !== 0 || filters % groups !== 0 || !isConvShape(kernel)) return false;
            const isSized =
                input === channels * countOf(spatial) && output === filters * countOf(convOutputSpatial(kernel));
            const products = (channels / groups) * countOf(window);
            const isBounded = output * products <= MOST_PRODUCTS;
            return isSized && isBounded && weights.length === filters * products && areSafe(weights);
        }
        case "scale":
            return input === output && kernel.factors.length === output && areSafe(kernel.factors);
        case "select":
            return (
                input === kernel.from &&
                kernel.indices.length === output &&
                areIndices({ indices: kernel.indices, count: kernel.from, least: -1 })
            );
        case "sparse":
            return input === kernel.from && kernel.start.length === output + 1 && isSparse(kernel);
    }
}

function isSparse({ from, start, index, weights }: SparseKernel): boolean {
    const isAscending = start.every((term, output) => term >= (start[output - 1] ?? 0));
    const isWhole = start[0] === 0 && start.at(-1) === index.length && index.length === weights.length;
    return isAscending && isWhole && areSafe(weights) && areIndices({ indices: index, count: from, least: 0 });
}

type Indices = { indices: number[]; count: number; least: number };

function areIndices({ indices, count, least }: Indices): boolean {
    return indices.every((index) => Number.isInteger(index) && index >= least && index < count);
}

function isConvShape(shape: ConvShape): boolean {
    const { spatial, kernel, strides, dilations, padsBegin, padsEnd } = shape;
    const isRanked = [kernel, strides, dilations, padsBegin, padsEnd].every(({ length }) => length === spatial.length);
    return isRanked && convOutputSpatial(shape).every((size) => size >= 1);
}

function areSafe(weights: number[]): boolean {
    return weights.every(Number.isSafeInteger);
}

function countIn({ graph, name }: { graph: IntegerGraph; name: string }): number | undefined {
    const tensor = graph.tensors.get(name);
    return tensor === undefined ? undefined : countOf(tensor.shape);
}
