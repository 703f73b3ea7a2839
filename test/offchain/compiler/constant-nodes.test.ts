/** Nodes that read nothing but constants are computed when compiling, as onnxruntime would compute them. */
import { expect } from "chai";
import { importOnnx } from "../../../offchain/compiler/graph/importOnnx.ts";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import type { OnnxModel, OnnxNode, OnnxTensor } from "../../../offchain/compiler/onnx/model.ts";
import { thrownBy } from "./_faults.ts";
import { expectLikeOnnxruntime } from "./_floatCases.ts";
import { aFloatTensor, aShapeTensor } from "./_floatModels.ts";
import { aModel, aNode, aTensor } from "./_models.ts";

const FLOAT = BigInt(DTYPE.FLOAT);
const INT64 = BigInt(DTYPE.INT64);
const scalar = (value: number) => ({ ...aShapeTensor([value]), shape: [] });

/** A model whose nodes end in "y". */
function aGraph({
    input = [1, 2, 3, 4],
    dtype = DTYPE.FLOAT,
    nodes,
    constants = {},
    outputType = DTYPE.FLOAT,
}: {
    input?: number[];
    dtype?: OnnxModel["inputs"][number]["dtype"];
    nodes: OnnxNode[];
    constants?: Record<string, OnnxTensor>;
    outputType?: OnnxModel["outputs"][number]["dtype"];
}): OnnxModel {
    return aModel({
        opset: 17,
        nodes,
        initializers: new Map(Object.entries(constants)),
        inputs: [{ name: "x", dtype, shape: input }],
        outputs: [{ name: "y", dtype: outputType, shape: undefined }],
    });
}

const node = (op: string, inputs: string[], output: string, attributes: Record<string, bigint | bigint[]> = {}) =>
    aNode(op, { inputs, output, attributes });

describe("constant nodes", () => {
    const CASES: { what: string; model: OnnxModel }[] = [
        {
            what: "the flattening that PyTorch exports: shape, gather, concat, reshape",
            model: aGraph({
                nodes: [
                    node("Shape", ["x"], "shape"),
                    node("Gather", ["shape", "zero"], "batch"),
                    node("Unsqueeze", ["batch", "axes"], "first"),
                    node("Concat", ["first", "rest"], "wanted", { axis: 0n }),
                    node("Reshape", ["x", "wanted"], "y"),
                ],
                constants: { zero: scalar(0), axes: aShapeTensor([0]), rest: aShapeTensor([-1]) },
            }),
        },
        {
            what: "half of an axis: shape, slice, division of whole numbers",
            model: aGraph({
                input: [1, 7],
                nodes: [
                    node("Shape", ["x"], "shape"),
                    node("Slice", ["shape", "one", "two"], "width"),
                    node("Div", ["width", "two"], "half"),
                    node("Slice", ["x", "zero", "half", "one"], "y"),
                ],
                constants: { zero: aShapeTensor([0]), one: aShapeTensor([1]), two: aShapeTensor([2]) },
            }),
        },
        {
            what: "division of negative whole numbers, towards zero",
            model: aGraph({
                input: [1, 3],
                nodes: [
                    node("Div", ["a", "b"], "quotient"),
                    node("Cast", ["quotient"], "real", { to: FLOAT }),
                    node("Add", ["x", "real"], "y"),
                ],
                constants: { a: aShapeTensor([-7, 7, -8]), b: aShapeTensor([2, -2, 3]) },
            }),
        },
        {
            what: "a position table: range, casts, products, sums",
            model: aGraph({
                input: [1, 4],
                nodes: [
                    node("Range", ["zero", "four", "one"], "places"),
                    node("Cast", ["places"], "real", { to: FLOAT }),
                    node("Div", ["real", "third"], "scaled"),
                    node("Mul", ["scaled", "scaled"], "squared"),
                    node("Neg", ["squared"], "negative"),
                    node("Add", ["x", "negative"], "y"),
                ],
                constants: {
                    zero: scalar(0),
                    four: scalar(4),
                    one: scalar(1),
                    third: aFloatTensor({ shape: [], values: [3] }),
                },
            }),
        },
        {
            what: "weights that are made in the graph: transpose, matrix product, ReLU, mean",
            model: aGraph({
                input: [1, 3],
                nodes: [
                    node("Transpose", ["w"], "t", { perm: [1n, 0n] }),
                    node("MatMul", ["t", "w"], "square"),
                    node("Relu", ["square"], "positive"),
                    node("ReduceMean", ["positive"], "mean", { axes: [0n], keepdims: 1n }),
                    node("Sub", ["positive", "mean"], "centred"),
                    node("MatMul", ["x", "centred"], "y"),
                ],
                constants: { w: aFloatTensor({ shape: [4, 3] }) },
            }),
        },
        {
            what: "a filled mask: constant of shape, triangle, product",
            model: aGraph({
                input: [3, 3],
                nodes: [
                    {
                        ...node("ConstantOfShape", ["shape"], "ones"),
                        attributes: new Map([
                            ["value", { type: "tensor", value: aFloatTensor({ shape: [1], values: [2.5] }) }],
                        ]),
                    },
                    node("Trilu", ["ones"], "mask", { upper: 0n }),
                    node("Mul", ["x", "mask"], "y"),
                ],
                constants: { shape: aShapeTensor([3, 3]) },
            }),
        },
        {
            what: "a size as a divisor",
            model: aGraph({
                nodes: [
                    node("Size", ["x"], "count"),
                    node("Cast", ["count"], "real", { to: FLOAT }),
                    node("Div", ["x", "real"], "y"),
                ],
            }),
        },
        {
            what: "casts of constants, towards zero and to bool",
            model: aGraph({
                input: [1, 4],
                nodes: [
                    node("Cast", ["c"], "whole", { to: INT64 }),
                    node("Cast", ["whole"], "flag", { to: BigInt(DTYPE.BOOL) }),
                    node("Cast", ["flag"], "bit", { to: FLOAT }),
                    node("Cast", ["whole"], "real", { to: FLOAT }),
                    node("Add", ["bit", "real"], "sum"),
                    node("Add", ["x", "sum"], "y"),
                ],
                constants: { c: aFloatTensor({ shape: [4], values: [-1.5, -0.5, 0.7, 2.9] }) },
            }),
        },
        {
            what: "casts of tensors, towards zero and to bool",
            model: aGraph({
                input: [1, 6],
                nodes: [
                    node("Cast", ["x"], "whole", { to: INT64 }),
                    node("Cast", ["whole"], "flag", { to: BigInt(DTYPE.BOOL) }),
                    node("Cast", ["flag"], "bit", { to: FLOAT }),
                    node("Cast", ["whole"], "real", { to: FLOAT }),
                    node("Add", ["bit", "real"], "y"),
                ],
            }),
        },
        {
            what: "inputs of whole numbers",
            model: aGraph({
                input: [1, 6],
                dtype: DTYPE.INT64,
                outputType: DTYPE.INT64,
                nodes: [node("Mul", ["x", "c"], "m"), node("Sub", ["m", "x"], "y")],
                constants: { c: aShapeTensor([3]) },
            }),
        },
        {
            what: "inputs of doubles",
            model: aGraph({
                input: [1, 6],
                dtype: DTYPE.DOUBLE,
                outputType: DTYPE.DOUBLE,
                nodes: [node("Add", ["x", "c"], "y")],
                constants: { c: aTensor({ type: "float64", shape: [1], values: [3n] }) },
            }),
        },
    ];
    for (const { what, model } of CASES) it(what, () => expectLikeOnnxruntime({ model }));

    it("round as float32 does at every step", () => {
        const model = aGraph({
            input: [1, 1],
            nodes: [node("Add", ["a", "b"], "sum"), node("Sub", ["sum", "a"], "rest"), node("Add", ["x", "rest"], "y")],
            constants: {
                a: aFloatTensor({ shape: [1], values: [2 ** 24] }),
                b: aFloatTensor({ shape: [1], values: [1] }),
            },
        });

        expect(importOnnx(model).nodes.at(-1)).to.deep.include({ op: "reshape" });
    });

    it("refuse whole numbers that would lose bits", () => {
        const model = aGraph({
            input: [1, 1],
            nodes: [
                node("Mul", ["a", "a"], "product"),
                node("Cast", ["product"], "real", { to: FLOAT }),
                node("Add", ["x", "real"], "y"),
            ],
            constants: { a: aShapeTensor([2 ** 30]) },
        });

        const fault = thrownBy(() => importOnnx(model));

        expect(fault.code).to.equal("MODEL_OP_FORM_UNSUPPORTED");
        expect(fault.message).to.contain("whole numbers below 2^53");
    });

    it("refuse a quotient of whole numbers that the input decides", () => {
        const model = aGraph({
            input: [1, 2],
            dtype: DTYPE.INT64,
            outputType: DTYPE.INT64,
            nodes: [node("Div", ["x", "c"], "y")],
            constants: { c: aShapeTensor([3]) },
        });

        const fault = thrownBy(() => importOnnx(model));

        expect(fault.message).to.contain("whole numbers are divided");
    });
});
