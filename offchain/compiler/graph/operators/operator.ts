import type { OnnxNode } from "../../onnx/model.ts";
import type { AffineNode, FloatArgMaxNode, FloatReluNode, FloatReshapeNode } from "../types.ts";

/** A value that an ONNX node reads: known now, or only when the model runs. */
export type Operand = ConstantOperand | TensorOperand;
/** Elements row-major; every one is a finite number. */
export type ConstantOperand = { kind: "constant"; name: string; shape: number[]; values: Float64Array };
/** A tensor of the float graph, by its name. */
export type TensorOperand = { kind: "tensor"; name: string; shape: number[] };

type Draft<N> = Omit<N, "source" | "output">;
/** A float node before it is given its output. */
export type FloatNodeDraft =
    | Draft<AffineNode>
    | Draft<FloatReluNode>
    | Draft<FloatArgMaxNode>
    | Draft<FloatReshapeNode>;

/** One ONNX node with everything an operator needs to translate it. */
export type OperatorCall = {
    node: OnnxNode;
    /** Position, op and name of the node, for messages. */
    where: string;
    opset: number;
    /** undefined for an omitted optional input. */
    operands: readonly (Operand | undefined)[];
    /** Adds a float node that gives the first output its value. */
    emit: (result: { draft: FloatNodeDraft; shape: number[] }) => Operand;
};

/** How one ONNX operator is understood. */
export type Operator = {
    /** One line for the message about an unsupported form. */
    supported: string;
    /** Attributes that `translate` understands; any other one refuses the node. */
    attributes: readonly string[];
    /** Returns the node's first output; other outputs are not supported. */
    translate: (call: OperatorCall) => Operand;
};
