/**
 * The integer graph: the model as whole numbers. It is the truth that the interpreter, the circuit and the integer ONNX
 * model all follow. Tensors are flat and row-major; node order is evaluation order.
 */
export type IntegerGraph = {
    version: 1;
    inputs: IntegerInput[];
    nodes: IntegerNode[];
    outputs: string[];
    tensors: Map<string, IntegerTensor>;
    /** Given: weights and biases stay private, and the circuit has only a commitment to them, under this salt. */
    parametersSalt?: bigint | undefined;
};

/** Every element of an input lies in [min, max]; the circuit enforces exactly this. */
export type IntegerInput = {
    tensor: string;
    min: bigint;
    max: bigint;
    /** "float32": every element is the raw bits of a float32 number, NaN excluded. Only a thermometer may read it. */
    encoding?: "float32" | undefined;
};

/** What an integer stands for: float = (integer - zeroPoint) * 2^-scaleLog2. Reports use it, evaluation does not. */
export type IntegerTensor = { shape: number[]; scaleLog2: number; zeroPoint: bigint };

/** One operation on tensors of whole numbers. */
export type IntegerNode =
    | LinearNode
    | ReluNode
    | RescaleNode
    | ReluRescaleNode
    | RoundEvenNode
    | ClampNode
    | CompareNode
    | MaximumNode
    | ArgMaxNode
    | ReshapeNode
    | TableNode
    | OneHotNode
    | ProductNode
    | DivideNode
    | SquareRootNode
    | ThermometerNode
    | TreesNode;

type NodeBase = { name: string; inputs: string[]; output: string };

/** output[o] = bias[o] + sum over the kernels of (kernel k applied to input k)[o]. */
export type LinearNode = NodeBase & { op: "linear"; kernels: Kernel[]; bias: bigint[] };

/** max(0, x). */
export type ReluNode = NodeBase & { op: "relu" };

/** floor(x / 2^shift), shift >= 1; a wanted rounding constant is part of the bias of the node before. */
export type RescaleNode = NodeBase & { op: "rescale"; shift: number };

/** max(0, floor(x / 2^shift)), shift >= 1. */
export type ReluRescaleNode = NodeBase & { op: "reluRescale"; shift: number };

/** x / 2^shift rounded to the nearest whole number, ties to the even one; shift >= 1. */
export type RoundEvenNode = NodeBase & { op: "roundEven"; shift: number };

/** The nearest value in [min, max]. */
export type ClampNode = NodeBase & { op: "clamp"; min: bigint; max: bigint };

/** 1 where x >= 0, or where x = 0; else 0. */
export type CompareNode = NodeBase & { op: "compare"; relation: "nonNegative" | "zero" };

/** output[o] = greatest of x[indices[o * size]] .. x[indices[o * size + size - 1]]; an index may repeat. */
export type MaximumNode = NodeBase & { op: "maximum"; size: number; indices: number[] };

/** output[i * columns + c] = columns[c][x[i] - min]; x's interval lies within [min, min + length of a column). */
export type TableNode = NodeBase & { op: "table"; min: bigint; columns: bigint[][] };

/** output[i * depth + j] = 1 where x[i] = min + j, else 0; x's interval lies within [min, min + depth). */
export type OneHotNode = NodeBase & { op: "oneHot"; min: bigint; depth: number };

/** Product of two tensors, element by element. */
export type ProductNode = NodeBase & { op: "product" };

/** floor(a / b), element by element; b's interval lies above 0. */
export type DivideNode = NodeBase & { op: "divide" };

/** floor of the square root; x's interval is not negative. */
export type SquareRootNode = NodeBase & { op: "squareRoot" };

/**
 * output[k] = 1 where x[features[k]] >= boundaries[k], else 0. Features ascend, the boundaries of one feature ascend
 * strictly. Order "float32": x is raw bits of float32 numbers and boundaries are keys of `floatKey.ts`, not that of +0:
 * then the bit says whether the number of x is at least the number of the boundary, -0 being equal to +0.
 */
export type ThermometerNode = NodeBase & {
    op: "thermometer";
    order: "integer" | "float32";
    features: number[];
    boundaries: bigint[];
};

/**
 * Decision trees over bits. Split s leads on to high[s] where input bit bits[s] is 1, else to low[s]; a reference that
 * is not negative is a split, less than s, and -1 - l is leaf l, which has weights leaves[l * width] …. From roots[t] tree
 * t leads to one leaf, whose weights are added to output[groups[t] * width] …; every output starts at its bias.
 */
export type TreesNode = NodeBase & {
    op: "trees";
    width: number;
    bits: number[];
    low: number[];
    high: number[];
    leaves: number[];
    roots: number[];
    groups: number[];
    bias: bigint[];
};

/** Index of the first greatest element along the middle axis of [outer, length, inner]. */
export type ArgMaxNode = NodeBase & { op: "argMax"; outer: number; length: number; inner: number };

/** The same elements under another shape. */
export type ReshapeNode = NodeBase & { op: "reshape" };

/** A constant linear map; in the integer graph weights are whole numbers below 2^53. */
export type Kernel = DenseKernel | ConvKernel | ScaleKernel | SelectKernel | SparseKernel;

/** y[p][row] = sum_column weights[row][column] * x[p][column]. */
export type DenseKernel = { kind: "dense"; positions: number; rows: number; columns: number; weights: number[] };

/** ONNX Conv on one sample: x is [channels, ...spatial], weights [filters, channels / groups, ...kernel]. */
export type ConvKernel = {
    kind: "conv";
    channels: number;
    filters: number;
    groups: number;
    spatial: number[];
    kernel: number[];
    strides: number[];
    dilations: number[];
    /** Zeros put before and after each spatial axis. */
    padsBegin: number[];
    padsEnd: number[];
    weights: number[];
};

/** y[i] = factors[i] * x[i]. */
export type ScaleKernel = { kind: "scale"; factors: number[] };

/** y[o] = x[indices[o]], or 0 where indices[o] is -1; `from` is the number of elements of x. */
export type SelectKernel = { kind: "select"; from: number; indices: number[] };

/** y[o] = sum of weights[t] * x[index[t]] over t in [start[o], start[o + 1]); `from` is the number of elements of x. */
export type SparseKernel = { kind: "sparse"; from: number; start: number[]; index: number[]; weights: number[] };

/** The shape of a tensor of the graph. */
export function shapeOf({ graph, tensor }: { graph: IntegerGraph; tensor: string }): number[] {
    return found({ map: graph.tensors, name: tensor }).shape;
}

/** The value under a name that the graph guarantees to exist. */
export function found<T>({ map, name }: { map: ReadonlyMap<string, T>; name: string }): T {
    const value = map.get(name);
    if (value === undefined) throw new RangeError(`The graph uses "${name}" before it exists`);
    return value;
}

/** Number of elements of a shape. */
export function countOf(shape: readonly number[]): number {
    return shape.reduce((product, size) => product * size, 1);
}
