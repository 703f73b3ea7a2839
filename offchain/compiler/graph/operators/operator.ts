import type { Dtype } from "../../onnx/dtypes.ts";
import type { OnnxNode } from "../../onnx/model.ts";
import type { FloatNode } from "../types.ts";

/** A value that an ONNX node reads: known now, or only when the model runs. */
export type Operand = ConstantOperand | TensorOperand;
/** Elements row-major; every one is a finite number that `dtype` can hold. */
export type ConstantOperand = { kind: "constant"; name: string; dtype: Dtype; shape: number[]; values: Float64Array };
/** A tensor of the float graph, by its name. */
export type TensorOperand = { kind: "tensor"; name: string; dtype: Dtype; shape: number[] };

/** Distributes over the kinds: each keeps its own members. */
type Draft<N> = N extends FloatNode ? Omit<N, "source" | "output"> : never;
/** A float node before it is given its output. */
export type FloatNodeDraft = Draft<FloatNode>;

/** One ONNX node with everything an operator needs to translate it. */
export type OperatorCall = {
    node: OnnxNode;
    /** Position, op and name of the node, for messages. */
    where: string;
    /** One line that says which forms of the operator are understood. */
    supported: string;
    opset: number;
    /** undefined for an omitted optional input. */
    operands: readonly (Operand | undefined)[];
    /** Adds a float node that gives an output its value, the first one unless told. */
    emit: (result: { draft: FloatNodeDraft; shape: number[]; index?: number }) => TensorOperand;
    /** ONNX element type of an output of the node. */
    dtypeOf: (index: number) => Dtype;
    /** A constant as a tensor: only in a node that reads nothing else, which is computed when compiling. */
    asTensor: (constant: ConstantOperand) => TensorOperand | undefined;
    /** Leaves something in the manifest that a reader should know. */
    note: (text: string) => void;
    /** Adds a float node whose value only this operator uses; `label` says what it is. */
    step: (result: { draft: FloatNodeDraft; shape: number[]; label: string }) => TensorOperand;
};

/** How one ONNX operator is understood. */
export type Operator = {
    /** One line for the message about an unsupported form. */
    supported: string;
    /** Attributes that `translate` understands; any other one refuses the node. */
    attributes: readonly string[];
    /** Returns the node's output, or all of them in order; undefined where an output cannot be computed. */
    translate: (call: OperatorCall) => Operand | readonly (Operand | undefined)[];
};
