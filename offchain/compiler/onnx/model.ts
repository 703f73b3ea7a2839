import { quote } from "./_faults.ts";
import type { Dtype, TensorData } from "./dtypes.ts";

/** A constant: elements row-major, `data.length` equal to the product of `shape`. */
export type OnnxTensor = { dtype: Dtype; shape: readonly number[]; data: TensorData };

/** A node's attribute, by the ONNX attribute types we read; integers are 64 bits wide. */
export type OnnxAttribute =
    | { type: "float"; value: number }
    | { type: "int"; value: bigint }
    | { type: "string"; value: string }
    | { type: "tensor"; value: OnnxTensor }
    | { type: "floats"; value: readonly number[] }
    | { type: "ints"; value: readonly bigint[] }
    | { type: "strings"; value: readonly string[] };

/** One operator application; an input or output named "" is an omitted optional one. */
export type OnnxNode = {
    op: string;
    /** "" is the default domain, ai.onnx. */
    domain: string;
    /** May be empty and need not be unique: for messages only. */
    name: string;
    inputs: readonly string[];
    outputs: readonly string[];
    attributes: ReadonlyMap<string, OnnxAttribute>;
};

/** A fixed size, or the name of a symbolic one ("" when it has none). */
export type OnnxDimension = number | string;

/** A graph input or output; `shape` is undefined when the file does not declare one. */
export type OnnxValue = { name: string; dtype: Dtype; shape: readonly OnnxDimension[] | undefined };

/** A well-formed inference graph: names are unique, every node follows the nodes it reads. */
export type OnnxModel = {
    /** Version of the default domain; 0 when the model does not import it. */
    opset: number;
    /** Versions of the other imported domains. */
    domains: ReadonlyMap<string, number>;
    name: string;
    nodes: readonly OnnxNode[];
    initializers: ReadonlyMap<string, OnnxTensor>;
    /** Without the inputs that an initializer gives a value: those are constants here. */
    inputs: readonly OnnxValue[];
    outputs: readonly OnnxValue[];
};

/** The position and names of a node, for messages. */
export function describeNode({ node, index }: { node: OnnxNode; index: number }): string {
    const op = quote(node.domain === "" ? node.op : `${node.domain}.${node.op}`).slice(1, -1);
    return `node ${index} (${op}${node.name === "" ? "" : `, ${quote(node.name)}`})`;
}
