import type { Kernel } from "../integer/types.ts";

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
};

/** `dtype` is the ONNX number of the element type that the file declares. */
export type FloatInput = { tensor: string; dtype: number };

/** `name` is the ONNX name of the output, `tensor` what it shows. */
export type FloatOutput = { name: string; tensor: string };

/** One operation on tensors. */
export type FloatNode = AffineNode | FloatReluNode | FloatArgMaxNode | FloatReshapeNode;

/** `source` tells a person which ONNX node this came from; `inputs` and `output` are tensor names. */
type NodeBase = { source: string; inputs: string[]; output: string };

/** output[o] = bias[o] + sum over the kernels of (kernel k applied to input k)[o]. */
export type AffineNode = NodeBase & { op: "affine"; kernels: Kernel[]; bias: number[] };
/** max(0, x). */
export type FloatReluNode = NodeBase & { op: "relu" };
/** First greatest along the middle axis of [outer, length, inner]. */
export type FloatArgMaxNode = NodeBase & { op: "argMax"; outer: number; length: number; inner: number };
/** The same elements under another shape. */
export type FloatReshapeNode = NodeBase & { op: "reshape" };
