import type { IoSpec } from "@assay/protocol";
import { buildCircuit, type Circuit } from "../../../offchain/compiler/buildCircuit.ts";
import { analyse } from "../../../offchain/compiler/integer/analyse.ts";
import { bitsOfFloat, GREATEST_BITS, keyOfBits } from "../../../offchain/compiler/integer/floatKey.ts";
import { countOf, type IntegerGraph, shapeOf } from "../../../offchain/compiler/integer/types.ts";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import { aGraph, aRandomGraph, createRandom, type NodeDraft } from "./_integerGraphs.ts";

/** A small graph that shows what its name says, and the circuit of it. */
export type CircuitGraph = { name: string; graph: IntegerGraph };

/** Public words of a graph whose input fits a byte and whose output fits 64 bits. */
export function byteSpec(graph: IntegerGraph): IoSpec {
    const countAll = (tensors: string[]) =>
        tensors.reduce((sum, tensor) => sum + countOf(shapeOf({ graph, tensor })), 0);
    const isSigned = graph.inputs.some(({ min }) => min < 0n);
    const isRaw = graph.inputs.some(({ encoding }) => encoding === "float32");
    const input = isRaw
        ? { dtype: DTYPE.FLOAT, bits: 32, committed: false }
        : { dtype: isSigned ? DTYPE.INT8 : DTYPE.UINT8, bits: 8, committed: false };
    const output = { dtype: DTYPE.INT64, bits: 64, committed: false };
    return {
        input: { ...input, count: countAll(graph.inputs.map(({ tensor }) => tensor)) },
        output: { ...output, count: countAll(graph.outputs) },
    };
}

/** The circuit of such a graph. */
export function circuitOfGraph(graph: IntegerGraph): Circuit {
    return buildCircuit({ analysis: analyse(graph), ioSpec: byteSpec(graph), name: "test" });
}

/** A fully connected layer with weights in [-7, 7] and biases in [-20, 20]. */
function dense({ rows, columns, seed }: { rows: number; columns: number; seed: number }): NodeDraft {
    const random = createRandom(seed);
    const weights = Array.from({ length: rows * columns }, () => random.integer(-7, 7));
    return {
        op: "linear",
        kernels: [{ kind: "dense", positions: 1, rows, columns, weights }],
        bias: Array.from({ length: rows }, () => BigInt(random.integer(-20, 20))),
    };
}

/** Range checks, sums, ReLU with and without rescale, rescale, arg-max and words behind one another. */
function everyPiecewiseGadget(): IntegerGraph {
    const nodes: { node: NodeDraft; shape: number[] }[] = [
        { node: dense({ rows: 3, columns: 3, seed: 11 }), shape: [1, 3] },
        { node: { op: "relu" }, shape: [1, 3] },
        { node: dense({ rows: 3, columns: 3, seed: 12 }), shape: [1, 3] },
        { node: { op: "reluRescale", shift: 3 }, shape: [1, 3] },
        { node: dense({ rows: 3, columns: 3, seed: 13 }), shape: [1, 3] },
        { node: { op: "rescale", shift: 2 }, shape: [1, 3] },
        { node: { op: "argMax", outer: 1, length: 3, inner: 1 }, shape: [1] },
    ];
    return aGraph({ shape: [1, 3], min: -4n, max: 5n, nodes });
}

function boundWords(): IntegerGraph {
    return aLayer({ columns: 130, rows: 2 }); // 5 input words of bytes
}

/** Diamonds and trees over thermometers of three features, one of them of two values only; values and paths. */
function someTrees(): IntegerGraph {
    const nodes: { node: NodeDraft; shape: number[] }[] = [
        { node: { op: "thermometer", order: "integer", ...BOUNDARIES }, shape: [7] },
        { node: treesOf({ width: 1, leaves: [-5, 0, 3, 17, 40] }), shape: [1] },
    ];
    const wide = { node: treesOf({ width: 3, leaves: [-5, 0, 3, 17, 40, 1, 2, 3, -4, 8, 9, 1, 1, 1, 0] }), shape: [3] };
    const graph = aGraph({ shape: [1, 3], min: -4n, max: 5n, nodes });
    graph.nodes.push({ ...wide.node, name: "wide", inputs: ["t0"], output: "wide" });
    graph.tensors.set("wide", { shape: wide.shape, scaleLog2: 0, zeroPoint: 0n });
    graph.outputs.push("wide");
    return graph;
}

const BOUNDARIES = { features: [0, 0, 0, 1, 2, 2, 2], boundaries: [-3n, 0n, 1n, 5n, -4n, 2n, 6n] };

/** Split 3 is shared by two parents; the bits of boundaries -4 and 6 never vary. */
function treesOf({ width, leaves }: { width: number; leaves: number[] }): NodeDraft {
    return {
        op: "trees",
        width,
        bits: [0, 3, 5, 1, 2, 4, 6],
        low: [-1, 0, -3, -4, 3, 4, 5],
        high: [-2, -3, -5, 1, 3, 2, 0],
        leaves,
        roots: [5, 6, 3, -2],
        groups: [0, 0, 0, 0],
        bias: Array.from({ length: width }, (_, index) => BigInt(7 - index)),
    };
}

/** The same trees over raw bits of float32 numbers, with a feature that nothing compares. */
function treesOverFloats(): IntegerGraph {
    const keys = [-1.5, -0, 2 ** -149, 0.25, -(2 ** -149), 3, Number.POSITIVE_INFINITY].map((value) =>
        keyOfBits(bitsOfFloat(value)),
    );
    const nodes: { node: NodeDraft; shape: number[] }[] = [
        {
            node: { op: "thermometer", order: "float32", features: BOUNDARIES.features, boundaries: keys },
            shape: [7],
        },
        { node: treesOf({ width: 1, leaves: [-5, 0, 3, 17, 40] }), shape: [1] },
    ];
    const graph = aGraph({ shape: [1, 4], min: 0n, max: GREATEST_BITS, nodes });
    return { ...graph, inputs: graph.inputs.map((input) => ({ ...input, encoding: "float32" })) };
}

/** One fully connected layer on small signed integers. */
export function aLayer({ columns, rows }: { columns: number; rows: number }): IntegerGraph {
    const nodes = [{ node: dense({ rows, columns, seed: 14 }), shape: [1, rows] }];
    return aGraph({ shape: [1, columns], min: -8n, max: 7n, nodes });
}

/** Products of two tensors, quotients, square roots and maxima of each other. */
function everyPair(): IntegerGraph {
    const row = [1, 3];
    const graph = aGraph({
        shape: row,
        min: -4n,
        max: 5n,
        nodes: [
            { node: dense({ rows: 3, columns: 3, seed: 16 }), shape: row },
            { node: { op: "relu" }, shape: row },
            { node: { op: "squareRoot" }, shape: row },
        ],
    });
    const add = ({ node, inputs, output, shape = row }: Pair) => {
        graph.nodes.push({ ...node, name: output, inputs, output });
        graph.tensors.set(output, { shape, scaleLog2: 0, zeroPoint: 0n });
    };
    const oneMore: NodeDraft = { op: "linear", kernels: [{ kind: "scale", factors: [1, 2, 3] }], bias: [1n, 1n, 1n] };
    add({ node: { op: "product" }, inputs: ["t0", "t2"], output: "product" });
    add({ node: oneMore, inputs: ["t1"], output: "divisor" });
    add({ node: { op: "divide" }, inputs: ["product", "divisor"], output: "quotient" });
    add({
        node: { op: "maximum", size: 2, indices: [0, 1, 1, 2, 2, 2] },
        inputs: ["quotient"],
        output: "maximum",
    });
    graph.outputs.splice(0, 1, "maximum", "product");
    return graph;
}

type Pair = { node: NodeDraft; inputs: string[]; output: string; shape?: number[] };

/** Tables over clamped, rounded and plain arguments, comparisons, one-hots and even rounding over shared digits. */
function everyUseOfDigits(): IntegerGraph {
    const entries = Array.from({ length: 16 }, (_, index) => BigInt((index * 37) % 101) - 50n);
    const nodes: { node: NodeDraft; shape: number[] }[] = [
        { node: dense({ rows: 3, columns: 3, seed: 15 }), shape: [1, 3] },
        { node: { op: "rescale", shift: 1 }, shape: [1, 3] },
        { node: { op: "clamp", min: -8n, max: 7n }, shape: [1, 3] },
        { node: { op: "table", min: -8n, columns: [entries] }, shape: [1, 3] },
        { node: { op: "roundEven", shift: 3 }, shape: [1, 3] },
        { node: { op: "clamp", min: -2n, max: 3n }, shape: [1, 3] },
        { node: { op: "oneHot", min: -2n, depth: 6 }, shape: [1, 3, 6] },
    ];
    const graph = aGraph({ shape: [1, 3], min: -4n, max: 3n, nodes });
    const add = ({ node, input, shape }: { node: NodeDraft; input: string; shape: number[] }) => {
        const output = `of ${input} ${graph.nodes.length}`;
        graph.nodes.push({ ...node, name: output, inputs: [input], output });
        graph.tensors.set(output, { shape, scaleLog2: 0, zeroPoint: 0n });
        graph.outputs.push(output);
    };
    add({ node: { op: "compare", relation: "nonNegative" }, input: "t0", shape: [1, 3] });
    add({ node: { op: "compare", relation: "zero" }, input: "t1", shape: [1, 3] });
    add({ node: { op: "clamp", min: -3n, max: 100n }, input: "t0", shape: [1, 3] });
    add({ node: { op: "table", min: -4n, columns: [entries, entries.toReversed()] }, input: "x", shape: [1, 3, 2] });
    add({ node: { op: "relu" }, input: "t1", shape: [1, 3] });
    return graph;
}

/**
 * What circuits are tested on: that circom makes the same system, that every wire is determined, that no mutated
 * witness passes. Every kind of node of the integer graph belongs in one of them.
 */
export const CIRCUIT_GRAPHS: readonly CircuitGraph[] = [
    { name: "every piecewise gadget", graph: everyPiecewiseGadget() },
    { name: "every use of digits", graph: everyUseOfDigits() },
    { name: "products, quotients, roots and maxima", graph: everyPair() },
    { name: "bound words", graph: boundWords() },
    { name: "committed weights", graph: { ...everyPiecewiseGadget(), parametersSalt: 77n } },
    {
        name: "committed weights of a random graph",
        graph: { ...aRandomGraph({ seed: 6, weightBits: 5, endsInArgMax: false }), parametersSalt: 78n },
    },
    { name: "trees", graph: someTrees() },
    { name: "trees over float32 numbers", graph: treesOverFloats() },
    ...[1, 2, 3, 4].map((seed) => ({
        name: `random graph ${seed}`,
        graph: aRandomGraph({ seed, weightBits: 4, endsInArgMax: seed % 2 === 0 }),
    })),
];
