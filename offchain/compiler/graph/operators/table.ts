import { argMaxOperator, reluOperator } from "./activation.ts";
import { constantOperator } from "./constant.ts";
import { convOperator } from "./conv.ts";
import { addOperator, gemmOperator, matMulOperator } from "./dense.ts";
import type { Operator } from "./operator.ts";
import { flattenOperator, identityOperator, reshapeOperator } from "./reshape.ts";

/** Every ONNX operator that the compiler understands, by name in the default domain. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
    ["Add", addOperator],
    ["ArgMax", argMaxOperator],
    ["Constant", constantOperator],
    ["Conv", convOperator],
    ["Flatten", flattenOperator],
    ["Gemm", gemmOperator],
    ["Identity", identityOperator],
    ["MatMul", matMulOperator],
    ["Relu", reluOperator],
    ["Reshape", reshapeOperator],
]);
