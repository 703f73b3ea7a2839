import { convOutputSpatial } from "../../../offchain/compiler/integer/conv.ts";
import { isNumber } from "../../../offchain/compiler/integer/floatKey.ts";
import {
    type ConvKernel,
    countOf,
    type IntegerGraph,
    type IntegerNode,
    type Kernel,
    type SelectKernel,
    type SparseKernel,
} from "../../../offchain/compiler/integer/types.ts";
import type { InputFormat } from "../../../offchain/compiler/quantise/inputFormat.ts";
import type { InputFormats } from "../../../offchain/compiler/quantise/inputFormats.ts";

/** Reproducible numbers. */
export type Random = {
    /** A whole number in [min, max]. */
    integer: (min: number, max: number) => number;
    pick: <T>(values: readonly T[]) => T;
};

/** A generator for a seed: mulberry32. */
export function createRandom(seed: number): Random {
    let state = seed | 0;
    const next = () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
    const integer = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
    return {
        integer,
        pick: (values) => {
            const value = values[integer(0, values.length - 1)];
            if (value === undefined) throw new Error("nothing to pick from");
            return value;
        },
    };
}

/** A graph of one input "x" and a chain of nodes, each reading the one before; the last one is the output. */
export function aGraph({
    shape,
    min,
    max,
    nodes,
}: {
    shape: number[];
    min: bigint;
    max: bigint;
    nodes: { node: NodeDraft; shape: number[] }[];
}): IntegerGraph {
    const entry = (size: number[]) => ({ shape: size, scaleLog2: 0, zeroPoint: 0n });
    const graph: IntegerGraph = {
        version: 1,
        inputs: [{ tensor: "x", min, max }],
        nodes: [],
        outputs: [],
        tensors: new Map([["x", entry(shape)]]),
    };
    let previous = "x";
    for (const [index, { node, shape: size }] of nodes.entries()) {
        const output = `t${index}`;
        graph.nodes.push({ ...node, name: `node ${index}`, inputs: [previous], output });
        graph.tensors.set(output, entry(size));
        previous = output;
    }
    graph.outputs.push(previous);
    return graph;
}

type WithoutNames<N> = N extends unknown ? Omit<N, "name" | "inputs" | "output"> : never;
export type NodeDraft = WithoutNames<IntegerNode>;

/**
 * A random chain of every kind of node. `weightBits` sets how far sums reach: 6 stays in float32, 20 needs float64, 26
 * needs int64 after two layers.
 */
export function aRandomGraph({
    seed,
    weightBits,
    endsInArgMax,
}: {
    seed: number;
    weightBits: number;
    endsInArgMax: boolean;
}): IntegerGraph {
    const random = createRandom(seed);
    const isSigned = random.pick([true, false]);
    const bits = random.integer(1, 6);
    const [min, max] = isSigned
        ? [-(1n << BigInt(bits - 1)), (1n << BigInt(bits - 1)) - 1n]
        : [0n, (1n << BigInt(bits)) - 1n];
    const channels = random.pick([1, 2, 4]);
    const input = [1, channels, random.integer(3, 5), random.integer(3, 5)];
    const nodes: { node: NodeDraft; shape: number[] }[] = [];
    let shape = input;
    const push = (node: NodeDraft, size: number[]) => {
        nodes.push({ node, shape: size });
        shape = size;
    };
    const bias = (count: number) =>
        Array.from({ length: count }, () => BigInt(random.integer(-(2 ** weightBits), 2 ** weightBits)));
    const weights = (count: number) =>
        Array.from({ length: count }, () =>
            random.integer(0, 4) === 0 ? 0 : random.integer(-(2 ** weightBits), 2 ** weightBits),
        );
    const activate = () => {
        const shift = random.integer(1, weightBits + 4);
        const draft = random.pick<NodeDraft>([
            { op: "relu" },
            { op: "rescale", shift },
            { op: "reluRescale", shift },
            { op: "reluRescale", shift },
        ]);
        push(draft, shape);
    };

    const conv = aConvShape({ random, shape });
    const convSize = [1, conv.filters, ...convOutputSpatial(conv)];
    const convWeights = weights(conv.filters * (conv.channels / conv.groups) * countOf(conv.kernel));
    push(
        { op: "linear", kernels: [{ ...conv, kind: "conv", weights: convWeights }], bias: bias(countOf(convSize)) },
        convSize,
    );
    activate();
    push({ op: "reshape" }, [1, countOf(shape)]);
    if (random.pick([true, false])) {
        push(
            {
                op: "linear",
                kernels: [{ kind: "scale", factors: weights(countOf(shape)) }],
                bias: bias(countOf(shape)),
            },
            shape,
        );
    }
    if (random.pick([true, false])) {
        const kernel = random.pick([aSelection, aSparseKernel])({ random, from: countOf(shape), weights });
        const count = kernel.kind === "select" ? kernel.indices.length : kernel.start.length - 1;
        push({ op: "linear", kernels: [kernel], bias: bias(count) }, [1, count]);
    }
    const rows = random.integer(2, 5);
    const dense: Kernel = {
        kind: "dense",
        positions: 1,
        rows,
        columns: countOf(shape),
        weights: weights(rows * countOf(shape)),
    };
    push({ op: "linear", kernels: [dense], bias: bias(rows) }, [1, rows]);
    if (random.pick([true, false])) activate();
    if (endsInArgMax) push({ op: "argMax", outer: 1, length: rows, inner: 1 }, [1]);
    return aGraph({ shape: input, min, max, nodes });
}

type Elements = { random: Random; from: number; weights: (count: number) => number[] };

/** Elements of an input at some places, nothing at others. */
function aSelection({ random, from }: Elements): SelectKernel {
    const indices = Array.from({ length: random.integer(1, 12) }, () => random.integer(-1, from - 1));
    return { kind: "select", from, indices };
}

/** Rows of up to four terms; one may have none. */
function aSparseKernel({ random, from, weights }: Elements): SparseKernel {
    const start = [0];
    for (let row = random.integer(1, 8); row > 0; row--) start.push((start.at(-1) ?? 0) + random.integer(0, 4));
    const terms = start.at(-1) ?? 0;
    const index = Array.from({ length: terms }, () => random.integer(0, from - 1));
    return { kind: "sparse", from, start, index, weights: weights(terms) };
}

function aConvShape({ random, shape }: { random: Random; shape: number[] }): Omit<ConvKernel, "kind" | "weights"> {
    const [, channels = 1, ...spatial] = shape;
    const groups = random.pick([1, channels]);
    const axes = <T>(make: () => T) => spatial.map(make);
    return {
        channels,
        filters: groups * random.integer(1, 2),
        groups,
        spatial,
        kernel: axes(() => random.integer(1, 2)),
        strides: axes(() => random.integer(1, 2)),
        dilations: axes(() => random.integer(1, 2)),
        padsBegin: axes(() => random.integer(0, 1)),
        padsEnd: axes(() => random.integer(0, 1)),
    };
}

/** Inputs of a graph: all at the least value, all at the greatest, alternating, and random ones. */
export function someInputs({ graph, count, seed }: { graph: IntegerGraph; count: number; seed: number }): bigint[][] {
    const random = createRandom(seed);
    const [input] = graph.inputs;
    if (input === undefined) throw new Error("the graph has no input");
    const { min, max, tensor, encoding } = input;
    const elements = countOf(graph.tensors.get(tensor)?.shape ?? []);
    const fill = (value: (index: number) => bigint) => Array.from({ length: elements }, (_, index) => value(index));
    const edges = [
        fill(() => min),
        fill(() => max),
        fill((index) => (index % 2 === 0 ? min : max)),
        fill(() => (min <= 0n ? 0n : min)),
    ];
    const element = () => {
        const value = BigInt(random.integer(Number(min), Number(max)));
        // without its sign and the top of its exponent, a NaN is a number
        return encoding === "float32" && !isNumber(value) ? value & 0x3fff_ffffn : value;
    };
    const others = Array.from({ length: count }, () => fill(element));
    return [...edges, ...others];
}

/** One format for every input of a graph. */
export function formatsOf({ graph, format }: { graph: IntegerGraph; format: InputFormat }): InputFormats {
    return new Map(graph.inputs.map(({ tensor }) => [tensor, format]));
}
