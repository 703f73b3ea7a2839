import { expect } from "chai";
import { importOnnx } from "../../../offchain/compiler/graph/importOnnx.ts";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import type { OnnxModel } from "../../../offchain/compiler/onnx/model.ts";
import { thrownBy } from "./_faults.ts";
import { aFloatModel, aFloatTensor, anMlp, aShapeTensor } from "./_floatModels.ts";
import { aNode } from "./_models.ts";

const MATRIX = aFloatTensor({ shape: [4, 3] });

describe("importOnnx", () => {
    describe("refuses", () => {
        const mlp = anMlp({ sizes: [3, 2] });
        const one = (
            node: ReturnType<typeof aNode>,
            constants: Record<string, ReturnType<typeof aFloatTensor>> = {},
            input: (number | string)[] = [1, 4],
        ) => aFloatModel({ input, output: [1], nodes: [node], constants });
        const gemm = (attributes: Record<string, bigint>, constants = { w: MATRIX }) =>
            one(aNode("Gemm", { inputs: ["x", "w"], output: "y", attributes }), constants);
        const CASES: { what: string; model: OnnxModel; code: string; says: string[] }[] = [
            {
                what: "an operator it does not know",
                model: one({ ...aNode("Einsum", { inputs: ["x"], output: "y" }), name: "mix" }),
                code: "MODEL_OP_UNSUPPORTED",
                says: ['node 0 (Einsum, "mix")', "Use MatMul"],
            },
            {
                what: "an operator of a family that it knows",
                model: one(aNode("ReduceEverything", { inputs: ["x"], output: "y" })),
                code: "MODEL_OP_UNSUPPORTED",
                says: ["The closest supported forms are: Reduce"],
            },
            {
                what: "an operator of another domain",
                model: one({ ...aNode("Gemm", { inputs: ["x"], output: "y" }), domain: "com.example" }),
                code: "MODEL_OP_UNSUPPORTED",
                says: ["com.example.Gemm"],
            },
            {
                what: "an attribute it does not know",
                model: one(aNode("Relu", { inputs: ["x"], output: "y", attributes: { alpha: 1n } })),
                code: "MODEL_OP_FORM_UNSUPPORTED",
                says: ["node 0 (Relu", "attribute alpha"],
            },
            {
                what: "a Gemm whose matrix does not fit",
                model: gemm({}, { w: aFloatTensor({ shape: [5, 3] }) }),
                code: "MODEL_OP_FORM_UNSUPPORTED",
                says: ["a matrix [1, 4] does not multiply one of [5, 3]"],
            },
            {
                what: "a Gemm whose C does not broadcast",
                model: one(aNode("Gemm", { inputs: ["x", "w", "c"], output: "y" }), {
                    w: MATRIX,
                    c: aFloatTensor({ shape: [2] }),
                }),
                code: "MODEL_OP_FORM_UNSUPPORTED",
                says: ["C [2] does not broadcast to [1, 3]"],
            },
            {
                what: "an Add whose operands do not broadcast",
                model: one(aNode("Add", { inputs: ["x", "c"], output: "y" }), { c: aFloatTensor({ shape: [2, 3] }) }),
                code: "MODEL_OP_FORM_UNSUPPORTED",
                says: ["[1, 4] and [2, 3] do not broadcast", "Supported is: Add"],
            },
            {
                what: "a Reshape to a computed shape",
                model: one(aNode("Reshape", { inputs: ["x", "x"], output: "y" })),
                code: "MODEL_OP_FORM_UNSUPPORTED",
                says: ["must be a constant"],
            },
            {
                what: "a Reshape to another count",
                model: one(aNode("Reshape", { inputs: ["x", "s"], output: "y" }), { s: aShapeTensor([3]) }),
                code: "MODEL_OP_FORM_UNSUPPORTED",
                says: ["[1, 4] cannot become [3]"],
            },
            {
                what: "a Reshape with two unknown sizes",
                model: one(aNode("Reshape", { inputs: ["x", "s"], output: "y" }), { s: aShapeTensor([-1, -1]) }),
                code: "MODEL_OP_FORM_UNSUPPORTED",
                says: ["[1, 4] cannot become [-1, -1]"],
            },
            {
                what: "an axis that does not exist",
                model: one(aNode("ArgMax", { inputs: ["x"], output: "y", attributes: { axis: 2n } })),
                code: "MODEL_OP_FORM_UNSUPPORTED",
                says: ["axis 2 does not exist in a tensor of 2 axes"],
            },
            {
                what: "a Conv on more than one sample",
                model: one(
                    aNode("Conv", { inputs: ["x", "w"], output: "y" }),
                    { w: aFloatTensor({ shape: [1, 1, 2, 2] }) },
                    [2, 1, 4, 4],
                ),
                code: "MODEL_OP_FORM_UNSUPPORTED",
                says: ["[1, channels, ...]", "[2, 1, 4, 4]"],
            },
            {
                what: "a Conv wider than its input",
                model: one(
                    aNode("Conv", { inputs: ["x", "w"], output: "y" }),
                    { w: aFloatTensor({ shape: [1, 1, 5, 5] }) },
                    [1, 1, 4, 4],
                ),
                code: "MODEL_OP_FORM_UNSUPPORTED",
                says: ["wider than its input"],
            },
            {
                what: "an opset that is too old",
                model: { ...mlp, opset: 6 },
                code: "MODEL_OPSET_UNSUPPORTED",
                says: ["operator set 6; 7 to 21"],
            },
            {
                what: "an opset that is too new",
                model: { ...mlp, opset: 22 },
                code: "MODEL_OPSET_UNSUPPORTED",
                says: ["operator set 22"],
            },
            {
                what: "a symbolic size that is not the batch",
                model: one(aNode("Relu", { inputs: ["x"], output: "y" }), {}, [1, "width"]),
                code: "MODEL_SHAPE_DYNAMIC",
                says: ['Input "x": axis 1 is "width"'],
            },
            {
                what: "an input without a shape",
                model: { ...mlp, inputs: [{ name: "x", dtype: DTYPE.FLOAT, shape: undefined }] },
                code: "MODEL_SHAPE_DYNAMIC",
                says: ["no shape is declared"],
            },
            {
                what: "an input of no elements",
                model: one(aNode("Relu", { inputs: ["x"], output: "y" }), {}, [1, 0]),
                code: "MODEL_SHAPE_DYNAMIC",
                says: ["axis 1 has size 0"],
            },
            {
                what: "an input of too many elements",
                model: one(aNode("Relu", { inputs: ["x"], output: "y" }), {}, [1, 2 ** 20 + 1]),
                code: "MODEL_TOO_LARGE",
                says: ['Input "x": 1048577 elements'],
            },
            {
                what: "a MatMul of too many products, before it makes room for them",
                model: one(
                    aNode("MatMul", { inputs: ["x", "w"], output: "y" }),
                    { w: aFloatTensor({ shape: [4, 100] }) },
                    [1, 2 ** 18, 4],
                ),
                code: "MODEL_TOO_LARGE",
                says: ["node 0 (MatMul", "26214400 elements by 104857600 products"],
            },
            {
                what: "a Conv of too many products, before it makes room for them",
                model: one(
                    aNode("Conv", { inputs: ["x", "w"], output: "y" }),
                    { w: aFloatTensor({ shape: [1, 1, 9, 9] }) },
                    [1, 1, 1000, 1000],
                ),
                code: "MODEL_TOO_LARGE",
                says: ["node 0 (Conv", "79709184 products"],
            },
            {
                what: "an output that is a constant",
                model: { ...mlp, outputs: [{ name: "w0", dtype: DTYPE.FLOAT, shape: [2, 3] }] },
                code: "MODEL_OUTPUT_CONSTANT",
                says: ['Output "w0"'],
            },
            ...[Number.NaN, Number.POSITIVE_INFINITY].map((weight) => ({
                what: `a weight of ${weight}`,
                model: {
                    ...mlp,
                    initializers: new Map([
                        ...mlp.initializers,
                        ["w0", aFloatTensor({ shape: [2, 3], values: [0, 1, weight, 0, 0, 0] })] as const,
                    ]),
                },
                code: "MODEL_WEIGHT_NOT_FINITE",
                says: [`Element 2 of "w0" is ${weight}`],
            })),
        ];
        for (const { what, model, code, says } of CASES) {
            it(what, () => {
                const fault = thrownBy(() => importOnnx(model));

                expect(fault.code).to.equal(code);
                for (const text of says) expect(fault.message).to.contain(text);
            });
        }
    });
});
