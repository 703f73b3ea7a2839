import { DTYPE, type Dtype, layoutOf } from "../../onnx/dtypes.ts";
import type { OnnxNode } from "../../onnx/model.ts";
import type { Operand } from "./operator.ts";

const BOOLEAN_OPS: ReadonlySet<string> = new Set([
    ...["Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"],
    ...["Not", "And", "Or", "Xor", "IsNaN", "IsInf"],
]);
const INDEX_OPS: ReadonlySet<string> = new Set(["ArgMax", "ArgMin", "Shape", "Size", "NonZero"]);
/** Operand whose element type the result has, where it is not the first one. */
const TYPED_BY: ReadonlyMap<string, number> = new Map([
    ["Where", 1],
    ["OneHot", 2],
]);

/** Of ai.onnx.ml: what goes through them keeps its type. */
const KEEPING_OPS: ReadonlySet<string> = new Set(["ArrayFeatureExtractor", "Binarizer", "Imputer", "ZipMap"]);

function classicalDtype({ node: { op, attributes }, index }: Pick<Result, "node" | "index">): Dtype {
    const isLabel = op.endsWith("Classifier") && index === 0;
    const isKey = op === "LabelEncoder" && !attributes.has("values_floats");
    return isLabel || isKey ? DTYPE.INT64 : DTYPE.FLOAT;
}

type Result = { node: OnnxNode; operands: readonly (Operand | undefined)[]; index: number };

/** ONNX element type of a node's output: int64 or bool by its operator, else that of an operand; float32 if none tells. */
export function resultDtype({ node, operands, index }: Result): Dtype {
    const { op, attributes } = node;
    if (BOOLEAN_OPS.has(op)) return DTYPE.BOOL;
    if (INDEX_OPS.has(op) || (op === "TopK" && index === 1)) return DTYPE.INT64;
    if (node.domain === "ai.onnx.ml" && !KEEPING_OPS.has(op)) return classicalDtype({ node, index });
    const to = attributes.get(op === "EyeLike" ? "dtype" : "to");
    if (to?.type === "int") return layoutOf(Number(to.value))?.dtype ?? DTYPE.FLOAT;
    if (op === "Dropout" && index === 1) return DTYPE.BOOL;
    if (op === "ConstantOfShape") {
        const value = attributes.get("value");
        return value?.type === "tensor" ? value.value.dtype : DTYPE.FLOAT;
    }
    return operands[TYPED_BY.get(op) ?? 0]?.dtype ?? DTYPE.FLOAT;
}
