import { ProtocolError } from "@assay/protocol";
import { at } from "./at.ts";
import { bitLength, greatestOf, magnitude } from "./bigMath.ts";
import { type Bounds, greatestMagnitude, type Interval } from "./interval.ts";
import { type Rows, rowsOf } from "./rows.ts";
import type { IntegerGraph, IntegerNode, Kernel, LinearNode, SelectKernel } from "./types.ts";

/** Private numbers that share a range: the weights of one kernel, or the biases of one node. */
export type ParameterBlock = { first: number; count: number; bits: number };

/** Where the private numbers of one linear node stand. */
export type PrivateLinear = {
    /** By kernel: its rows with the number of a weight (from 1) in place of the weight; undefined: a public kernel. */
    kernels: (Rows | undefined)[];
    /** By output: the number of its bias (from 1); undefined: the biases are public. */
    bias: number[] | undefined;
};

/** The numbers of a model that stay private, in the order in which the circuit takes them. */
export type PrivateParameters = {
    salt: bigint;
    values: bigint[];
    blocks: ParameterBlock[];
    /** By output tensor of a linear node. */
    nodes: Map<string, PrivateLinear>;
};

const INT64_LIMIT = 1n << 63n;
/** The widest element of a word. */
const MOST_BITS = 64;

/** What may have other parameters than a linear layer and still say nothing of the model. */
const FREE_OF_PARAMETERS: ReadonlySet<IntegerNode["op"]> = new Set([
    "relu",
    "rescale",
    "reluRescale",
    "roundEven",
    "clamp",
    "compare",
    "maximum",
    "argMax",
    "reshape",
    "table",
    "oneHot",
    "product",
    "divide",
    "squareRoot",
]);

/**
 * What of a graph stays private, undefined when it says that nothing does. Private are weights and biases of linear
 * layers. Numbers that are the same for all elements (sums, means, scales of a whole tensor, rounding) are structure,
 * like the shapes, and stay public, as do the functions of tables. Throws MODEL_PARAMETERS_PUBLIC for a tree ensemble.
 */
export function privateParametersOf(graph: IntegerGraph): PrivateParameters | undefined {
    if (graph.parametersSalt === undefined) return undefined;
    const parameters: PrivateParameters = { salt: graph.parametersSalt, values: [], blocks: [], nodes: new Map() };
    for (const node of graph.nodes) {
        if (node.op === "linear") parameters.nodes.set(node.output, placeLinear({ parameters, node }));
        else if (!FREE_OF_PARAMETERS.has(node.op)) throw notPrivate(node);
    }
    if (parameters.values.length > 0) return parameters;
    throw new ProtocolError({
        code: "MODEL_PARAMETERS_PUBLIC",
        message: "No layer has weights that differ from each other.",
    });
}

/** The range of a block: all that its bits hold, sign included, whatever its numbers are. */
export function rangeOf({ bits }: Pick<ParameterBlock, "bits">): Bounds {
    const half = 1n << BigInt(bits - 1);
    return { lo: -half, hi: half - 1n };
}

/** The range that the circuit enforces of each private number. */
export function parameterBounds({ blocks }: PrivateParameters): Bounds[] {
    return blocks.flatMap((block) => new Array<Bounds>(block.count).fill(rangeOf(block)));
}

type Spread = { parameters: PrivateParameters; node: LinearNode; rows: readonly Rows[]; inputs: readonly Interval[] };

/** The interval of a layer whatever its private numbers are, within their ranges: it tells nothing of them. */
export function privateInterval({ parameters, node, rows, inputs }: Spread): Interval {
    const layout = parameters.nodes.get(node.output);
    const bounds = parameterBounds(parameters);
    const boundsOf = (number: number) => at(bounds, number - 1);
    const [lo, hi] = [[...node.bias], [...node.bias]];
    for (const output of node.bias.keys()) {
        const number = layout?.bias?.[output];
        let [least, greatest] = number === undefined ? [at(lo, output), at(hi, output)] : edges(boundsOf(number));
        for (const [kernel, publicRows] of rows.entries()) {
            const numbers = layout?.kernels[kernel];
            const { start, index, weight } = numbers ?? publicRows;
            const x = at(inputs, kernel);
            for (let term = at(start, output); term < at(start, output + 1); term++) {
                const factor = at(weight, term);
                const exact = BigInt(factor);
                const w = numbers === undefined ? { lo: exact, hi: exact } : boundsOf(factor);
                const product = productBounds(w, { lo: at(x.lo, at(index, term)), hi: at(x.hi, at(index, term)) });
                least += product.lo;
                greatest += product.hi;
            }
        }
        lo[output] = least;
        hi[output] = greatest;
    }
    if (greatestMagnitude({ lo, hi }) < INT64_LIMIT) return { lo, hi };
    throw new ProtocolError({
        code: "MODEL_INTERVAL_OVERFLOW",
        message: `Tensor "${node.output}" may leave 64 bits, whatever the committed parameters are.`,
    });
}

/** Bounds of a product of two numbers that vary independently. */
export function productBounds(left: Bounds, right: Bounds): Bounds {
    const corners = [left.lo * right.lo, left.lo * right.hi, left.hi * right.lo, left.hi * right.hi];
    const [first = 0n] = corners;
    return corners.reduce(({ lo, hi }, corner) => ({ lo: corner < lo ? corner : lo, hi: corner > hi ? corner : hi }), {
        lo: first,
        hi: first,
    });
}

function edges({ lo, hi }: Bounds): [bigint, bigint] {
    return [lo, hi];
}

type Placing = { parameters: PrivateParameters; node: LinearNode };

function placeLinear({ parameters, node }: Placing): PrivateLinear {
    const kernels = node.kernels.map((kernel) => {
        if (!isPrivate(kernel)) return undefined;
        const weights = weightsOf(kernel);
        const first = place({ parameters, node, values: weights.map(BigInt) });
        return rowsOf(withWeights({ kernel, weights: weights.map((_, index) => first + index + 1) }));
    });
    return { kernels, bias: placeBias({ parameters, node }) };
}

function placeBias({ parameters, node }: Placing): number[] | undefined {
    const { bias } = node;
    if (bias.every((value) => value === bias[0]) && (bias.length > 1 || bias[0] === 0n)) return undefined;
    const positions = positionsPerBias(node);
    const distinct = bias.filter((_, output) => output % positions === 0);
    const first = place({ parameters, node, values: distinct });
    return bias.map((_, output) => first + Math.floor(output / positions) + 1);
}

/** Consecutive outputs that share a bias: all positions of a filter, or one. */
function positionsPerBias({ kernels: [kernel, ...others], bias }: LinearNode): number {
    if (kernel?.kind !== "conv" || others.length > 0) return 1;
    const positions = bias.length / kernel.filters;
    const isShared = bias.every((value, output) => value === bias[output - (output % positions)]);
    return isShared ? positions : 1;
}

/** Adds a block and returns where its numbers start. */
function place({ parameters, node, values }: Placing & { values: bigint[] }): number {
    const first = parameters.values.length;
    const bits = 1 + bitLength(greatestOf(values.map(magnitude)));
    if (bits > MOST_BITS) {
        throw new ProtocolError({
            code: "MODEL_INTERVAL_OVERFLOW",
            message: `Layer "${node.name}" has a private number of ${bits} bits; ${MOST_BITS} is most.`,
        });
    }
    parameters.values.push(...values);
    parameters.blocks.push({ first, count: values.length, bits });
    return first;
}

/** Whether a kernel has numbers that somebody may have trained, and is not just what its operator is. */
function isPrivate(kernel: Kernel): kernel is WeightedKernel {
    if (kernel.kind === "select") return false;
    const weights = weightsOf(kernel);
    return kernel.kind === "dense" || weights.some((weight) => weight !== weights[0]);
}

type WeightedKernel = Exclude<Kernel, SelectKernel>;

function weightsOf(kernel: WeightedKernel): number[] {
    return kernel.kind === "scale" ? kernel.factors : kernel.weights;
}

function withWeights({ kernel, weights }: { kernel: WeightedKernel; weights: number[] }): Kernel {
    return kernel.kind === "scale" ? { ...kernel, factors: weights } : { ...kernel, weights };
}

function notPrivate(node: IntegerNode): ProtocolError {
    return new ProtocolError({
        code: "MODEL_PARAMETERS_PUBLIC",
        message: `Node "${node.name}" (${node.op}) can only have public parameters.`,
    });
}
