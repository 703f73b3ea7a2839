import { argMaxOperator, reluOperator } from "./activation.ts";
import { constantOperator } from "./constant.ts";
import { convOperator } from "./conv.ts";
import { addOperator, gemmOperator, matMulOperator } from "./dense.ts";
import type { Operator } from "./operator.ts";
import {
    convIntegerOperator,
    matMulIntegerOperator,
    qGemmOperator,
    qLinearConvOperator,
    qLinearMatMulOperator,
} from "./quantised.ts";
import {
    dequantizeLinearOperator,
    dynamicQuantizeLinearOperator,
    qLinearAddOperator,
    quantizeLinearOperator,
} from "./quantiseLinear.ts";
import { flattenOperator, identityOperator, reshapeOperator } from "./reshape.ts";
import { logSoftmaxOperator, softmaxOperator } from "./softmax.ts";
import { treeEnsembleClassifierOperator, treeEnsembleOperator, treeEnsembleRegressorOperator } from "./treeEnsemble.ts";

/** Every ONNX operator that the compiler understands, by name; outside the default domain by "domain:name". */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
    ["Add", addOperator],
    ["ArgMax", argMaxOperator],
    ["Constant", constantOperator],
    ["Conv", convOperator],
    ["ConvInteger", convIntegerOperator],
    ["Flatten", flattenOperator],
    ["Gemm", gemmOperator],
    ["Identity", identityOperator],
    ["MatMul", matMulOperator],
    ["MatMulInteger", matMulIntegerOperator],
    ["DequantizeLinear", dequantizeLinearOperator],
    ["DynamicQuantizeLinear", dynamicQuantizeLinearOperator],
    ["QuantizeLinear", quantizeLinearOperator],
    ["QLinearConv", qLinearConvOperator],
    ["com.microsoft:QLinearAdd", qLinearAddOperator],
    ["QLinearMatMul", qLinearMatMulOperator],
    ["com.microsoft:QGemm", qGemmOperator],
    ["Relu", reluOperator],
    ["Reshape", reshapeOperator],
    ["LogSoftmax", logSoftmaxOperator],
    ["Softmax", softmaxOperator],
    ["ai.onnx.ml:TreeEnsemble", treeEnsembleOperator],
    ["ai.onnx.ml:TreeEnsembleClassifier", treeEnsembleClassifierOperator],
    ["ai.onnx.ml:TreeEnsembleRegressor", treeEnsembleRegressorOperator],
]);
