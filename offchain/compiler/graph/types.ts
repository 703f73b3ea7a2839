import type { Kernel } from "../integer/types.ts";
import type { LinearScale } from "../quantise/edges.ts";
import type { InputFormat } from "../quantise/inputFormat.ts";
import type { Requantisation, RequantisedRange } from "../quantise/requantisation.ts";

/**
 * The model as real functions with shapes: what the ONNX file means, with every operator reduced to a few kinds.
 * Tensors are flat and row-major; node order is evaluation order.
 */
export type FloatGraph = {
    inputs: FloatInput[];
    nodes: FloatNode[];
    /** Tensor names, in the order of the ONNX outputs. */
    outputs: FloatOutput[];
    shapes: Map<string, number[]>;
    /** What a reader of the manifest should know of how the file was understood. */
    notes: string[];
};

/**
 * `dtype` is the ONNX number of the element type that the file declares; `format` is set when the model itself says how
 * the input becomes whole numbers.
 */
export type FloatInput = {
    tensor: string;
    dtype: number;
    format?: InputFormat;
    /** By this rule reals become the input's integers before the model starts. */
    quantisation?: LinearScale;
};

/** `name` is the ONNX name of the output, `tensor` what it shows. */
export type FloatOutput = {
    name: string;
    tensor: string;
    /** What the output's integers stand for, when the model left its last step to the reader. */
    quantisation?: LinearScale;
};

/** One operation on tensors. */
export type FloatNode =
    | AffineNode
    | IntegerAffineNode
    | RequantiseNode
    | FloatReluNode
    | FloatLookUpNode
    | FloatRoundNode
    | FloatClampNode
    | FloatCompareNode
    | FloatMaximumNode
    | FloatArgMaxNode
    | FloatOneHotNode
    | FloatProductNode
    | FloatDivideNode
    | FloatSquareRootNode
    | FloatTableNode
    | FloatTopNode
    | FloatTreesNode
    | FloatReshapeNode;

/** `source` tells a person which ONNX node this came from; `inputs` and `output` are tensor names. */
type NodeBase = { source: string; inputs: string[]; output: string };

/** output[o] = bias[o] + sum over the kernels of (kernel k applied to input k)[o]. */
export type AffineNode = NodeBase & { op: "affine"; kernels: Kernel[]; bias: number[]; scaler?: Scaler };
/** x as (x - offset) * scale, by position: how a node came to be, until `absorbScalers` has seen it. */
export type Scaler = { offset: number[]; scale: number[] };
/** The same on whole numbers with whole weights below 2^53: quantisation changes nothing. */
export type IntegerAffineNode = NodeBase & { op: "integerAffine"; kernels: Kernel[]; bias: number[] };
/**
 * What onnxruntime does with whole sums: element i by `fractions[fractionOf[i]]` to a level of [min, max], plus
 * zeroPoint. `scales` and `ranges` say what each fraction was certified against.
 */
export type RequantiseNode = NodeBase & {
    op: "requantise";
    fractions: Requantisation[];
    ranges: RequantisedRange[];
    fractionOf: number[];
    min: number;
    max: number;
    zeroPoint: number;
};
/** max(0, x). */
export type FloatReluNode = NodeBase & { op: "relu" };
/** A function of `functions.ts` of each element: in the integer graph a table over a clamped, coarser argument. */
export type FloatLookUpNode = NodeBase & {
    op: "lookUp";
    function: RealFunction;
    /** The argument is never greater, whatever intervals show: approximations beyond it do not happen. */
    greatest?: number;
};
/** To whole numbers: down, up, or to the nearest with ties to even. */
export type FloatRoundNode = NodeBase & { op: "round"; mode: "floor" | "ceiling" | "halfEven" };
/**
 * The nearest value in [min, max]; an end may be infinite. With `isImplied` it changes no value of the real function:
 * it says what follows from the nodes before it, and bounds what rounding makes of them. `departure` says in the
 * manifest how values outside depart from the ONNX model.
 */
export type FloatClampNode = NodeBase & {
    op: "clamp";
    min: number;
    max: number;
    isImplied?: true;
    departure?: string;
};
/** 1 where x >= 0, x > 0 or x = 0, else 0. */
export type FloatCompareNode = NodeBase & { op: "compare"; relation: "nonNegative" | "positive" | "zero" };
/** output[o] = greatest of x[indices[o * size]] .. x[indices[o * size + size - 1]]; an index may repeat. */
export type FloatMaximumNode = NodeBase & { op: "maximum"; size: number; indices: number[] };
/** output[i * depth + j] = 1 where x[i] = min + j, else 0; x is a whole number of [min, min + depth). */
export type FloatOneHotNode = NodeBase & { op: "oneHot"; min: number; depth: number };
/** Product of two tensors of one shape, element by element. */
export type FloatProductNode = NodeBase & { op: "product" };
/** Quotient of two tensors of one shape, element by element; the divisor is positive. */
export type FloatDivideNode = NodeBase & { op: "divide" };
/** Square root of each element, of one below 0 that of 0. */
export type FloatSquareRootNode = NodeBase & { op: "squareRoot" };
/** output[i * columns + c] = columns[c][x[i] - min]; x is a whole number, the nearest one in the table is read. */
export type FloatTableNode = NodeBase & { op: "table"; min: number; columns: number[][] };
/**
 * The `count` greatest of each line along the middle axis of [outer, length, inner], in order and with the first of
 * equal ones first: the values, or their indices.
 */
export type FloatTopNode = NodeBase & {
    op: "top";
    part: "values" | "indices";
    count: number;
    outer: number;
    length: number;
    inner: number;
};
/** First greatest along the middle axis of [outer, length, inner]. */
export type FloatArgMaxNode = NodeBase & { op: "argMax"; outer: number; length: number; inner: number };
/**
 * Decision trees on the features of one sample, routed by comparing numbers of `precision`; with a scaler, what float32
 * arithmetic makes of them by it. A reference that is not
 * negative is a split, less than the one that refers to it, and -1 - l is leaf l, which has weights leaves[l * width] ….
 * From roots[t] tree t leads to one leaf, whose weights are added to output[groups[t] * width] …, above the bias.
 */
export type FloatTreesNode = NodeBase & {
    op: "trees";
    precision: "float32" | "float64";
    scaler?: Scaler | undefined;
    width: number;
    splits: FloatSplit[];
    leaves: number[];
    roots: number[];
    groups: number[];
    bias: number[];
};
/** Leads on to `high` where x[feature] >= threshold, > threshold or = threshold, else to `low`. */
export type FloatSplit = {
    feature: number;
    relation: "atLeast" | "above" | "equal";
    threshold: number;
    high: number;
    low: number;
};
/** The same elements under another shape. */
export type FloatReshapeNode = NodeBase & { op: "reshape" };

/** A function of one real variable by name, with its numbers: `functions.ts` says what it computes. */
export type RealFunction = { name: string; parameters: readonly number[] };
