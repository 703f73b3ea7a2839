import { reluOperator } from "./activation.ts";
import {
    addOperator,
    divOperator,
    meanOperator,
    mulOperator,
    negOperator,
    subOperator,
    sumOperator,
} from "./arithmetic.ts";
import { constantOperator } from "./constant.ts";
import { convOperator } from "./conv.ts";
import { convTransposeOperator } from "./convTranspose.ts";
import { gemmOperator, matMulOperator } from "./dense.ts";
import { EXTREME_OPERATORS } from "./extremes.ts";
import { FUNCTION_OPERATORS } from "./functionTables.ts";
import { gatherElementsOperator, gatherNdOperator, gatherOperator } from "./gather.ts";
import {
    groupNormalizationOperator,
    instanceNormalizationOperator,
    layerNormalizationOperator,
    meanVarianceNormalizationOperator,
} from "./layerNormalisation.ts";
import { linearClassifierOperator, linearRegressorOperator, scalerOperator } from "./linearModels.ts";
import { LOGIC_OPERATORS } from "./logic.ts";
import { batchNormalizationOperator } from "./normalisation.ts";
import { NORM_OPERATORS } from "./norms.ts";
import type { Operator } from "./operator.ts";
import { PIECEWISE_OPERATORS } from "./piecewise.ts";
import { averagePoolOperator, globalAveragePoolOperator } from "./pool.ts";
import { powOperator } from "./power.ts";
import {
    arrayFeatureExtractorOperator,
    binarizerOperator,
    imputerOperator,
    labelEncoderOperator,
    normalizerOperator,
    zipMapOperator,
} from "./preparation.ts";
import {
    convIntegerOperator,
    matMulIntegerOperator,
    qGemmOperator,
    qLinearConvOperator,
    qLinearMatMulOperator,
} from "./quantised.ts";
import { dequantizeLinearOperator, qLinearAddOperator, quantizeLinearOperator } from "./quantiseLinear.ts";
import { gruOperator, lstmOperator, rnnOperator } from "./recurrent.ts";
import { cumSumOperator, reduceMeanOperator, reduceSumOperator } from "./reduce.ts";
import {
    depthToSpaceOperator,
    dropoutOperator,
    flattenOperator,
    identityOperator,
    reshapeOperator,
    spaceToDepthOperator,
    squeezeOperator,
    transposeOperator,
    unsqueezeOperator,
} from "./reshape.ts";
import { resizeOperator, upsampleOperator } from "./resize.ts";
import { oneHotOperator, scatterElementsOperator, scatterNdOperator } from "./scatter.ts";
import {
    castLikeOperator,
    castOperator,
    constantOfShapeOperator,
    expandOperator,
    rangeOperator,
    shapeOperator,
    sizeOperator,
} from "./sizes.ts";
import { concatOperator, padOperator, sliceOperator, splitOperator, tileOperator, triluOperator } from "./slicing.ts";
import { hardmaxOperator, logSoftmaxOperator, softmaxOperator } from "./softmax.ts";
import { topKOperator } from "./topK.ts";
import { treeEnsembleClassifierOperator, treeEnsembleOperator, treeEnsembleRegressorOperator } from "./treeEnsemble.ts";

/** Every ONNX operator that the compiler understands, by name; outside the default domain by "domain:name". */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
    ...PIECEWISE_OPERATORS,
    ...FUNCTION_OPERATORS,
    ...EXTREME_OPERATORS,
    ...LOGIC_OPERATORS,
    ["Add", addOperator],
    ["AveragePool", averagePoolOperator],
    ["BatchNormalization", batchNormalizationOperator],
    ["Cast", castOperator],
    ["CastLike", castLikeOperator],
    ["Concat", concatOperator],
    ["ConstantOfShape", constantOfShapeOperator],
    ["ConvTranspose", convTransposeOperator],
    ["CumSum", cumSumOperator],
    ["DepthToSpace", depthToSpaceOperator],
    ["Div", divOperator],
    ["Dropout", dropoutOperator],
    ["Expand", expandOperator],
    ["Gather", gatherOperator],
    ["GatherElements", gatherElementsOperator],
    ["GatherND", gatherNdOperator],
    ["GlobalAveragePool", globalAveragePoolOperator],
    ["Mean", meanOperator],
    ["Mul", mulOperator],
    ["Neg", negOperator],
    ["Pad", padOperator],
    ["Range", rangeOperator],
    ["OneHot", oneHotOperator],
    ...NORM_OPERATORS,
    ["GRU", gruOperator],
    ["LSTM", lstmOperator],
    ["RNN", rnnOperator],
    ["GroupNormalization", groupNormalizationOperator],
    ["InstanceNormalization", instanceNormalizationOperator],
    ["LayerNormalization", layerNormalizationOperator],
    ["MeanVarianceNormalization", meanVarianceNormalizationOperator],
    ["Pow", powOperator],
    ["ReduceMean", reduceMeanOperator],
    ["ReduceSum", reduceSumOperator],
    ["Resize", resizeOperator],
    ["Scatter", scatterElementsOperator],
    ["ScatterElements", scatterElementsOperator],
    ["ScatterND", scatterNdOperator],
    ["Shape", shapeOperator],
    ["Size", sizeOperator],
    ["Slice", sliceOperator],
    ["SpaceToDepth", spaceToDepthOperator],
    ["Split", splitOperator],
    ["Squeeze", squeezeOperator],
    ["Sub", subOperator],
    ["Sum", sumOperator],
    ["Tile", tileOperator],
    ["TopK", topKOperator],
    ["Transpose", transposeOperator],
    ["Trilu", triluOperator],
    ["Unsqueeze", unsqueezeOperator],
    ["Upsample", upsampleOperator],
    ["Constant", constantOperator],
    ["Conv", convOperator],
    ["ConvInteger", convIntegerOperator],
    ["Flatten", flattenOperator],
    ["Gemm", gemmOperator],
    ["Identity", identityOperator],
    ["MatMul", matMulOperator],
    ["MatMulInteger", matMulIntegerOperator],
    ["DequantizeLinear", dequantizeLinearOperator],
    ["QuantizeLinear", quantizeLinearOperator],
    ["QLinearConv", qLinearConvOperator],
    ["com.microsoft:QLinearAdd", qLinearAddOperator],
    ["QLinearMatMul", qLinearMatMulOperator],
    ["com.microsoft:QGemm", qGemmOperator],
    ["Relu", reluOperator],
    ["Reshape", reshapeOperator],
    ["Hardmax", hardmaxOperator],
    ["LogSoftmax", logSoftmaxOperator],
    ["Softmax", softmaxOperator],
    ["ai.onnx.ml:ArrayFeatureExtractor", arrayFeatureExtractorOperator],
    ["ai.onnx.ml:Binarizer", binarizerOperator],
    ["ai.onnx.ml:Imputer", imputerOperator],
    ["ai.onnx.ml:LabelEncoder", labelEncoderOperator],
    ["ai.onnx.ml:LinearClassifier", linearClassifierOperator],
    ["ai.onnx.ml:LinearRegressor", linearRegressorOperator],
    ["ai.onnx.ml:Normalizer", normalizerOperator],
    ["ai.onnx.ml:Scaler", scalerOperator],
    ["ai.onnx.ml:ZipMap", zipMapOperator],
    ["ai.onnx.ml:TreeEnsemble", treeEnsembleOperator],
    ["ai.onnx.ml:TreeEnsembleClassifier", treeEnsembleClassifierOperator],
    ["ai.onnx.ml:TreeEnsembleRegressor", treeEnsembleRegressorOperator],
]);
