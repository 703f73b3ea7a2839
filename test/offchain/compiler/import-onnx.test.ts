import { expect } from "chai";
import { createFloatEvaluator } from "../../../offchain/compiler/graph/evaluate.ts";
import { importOnnx } from "../../../offchain/compiler/graph/importOnnx.ts";
import { simplify } from "../../../offchain/compiler/graph/simplify.ts";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import type { OnnxModel } from "../../../offchain/compiler/onnx/model.ts";
import { createSession } from "../../../offchain/compiler/onnx/session.ts";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { aFloatModel, aFloatTensor, anMlp, aShapeTensor, withFloats } from "./_floatModels.ts";
import { createRandom } from "./_integerGraphs.ts";
import { aModel, aNode } from "./_models.ts";

/** Reads a model back from its file, as the compiler does, and compares it with onnxruntime on random inputs. */
async function expectRuntime(model: OnnxModel): Promise<void> {
    const graph = simplify(importOnnx(model));
    const evaluator = createFloatEvaluator(graph);
    const session = await createSession(writeOnnx(model));
    const [input] = graph.inputs;
    const count = (graph.shapes.get(input?.tensor ?? "") ?? []).reduce((product, size) => product * size, 1);
    const random = createRandom(7);
    for (let run = 0; run < 10; run++) {
        const values = Float32Array.from({ length: count }, () => random.integer(-4000, 4000) / 1000);
        const [actual = new Float32Array()] = await session.run([values]);
        const expected = evaluator.trace([...values]).get(graph.outputs[0]?.tensor ?? "") ?? new Float64Array();
        expect(expected.length).to.equal(actual.length);
        for (const [index, value] of expected.entries()) {
            expect(Math.abs(value - Number(actual[index]))).to.be.lessThan(1e-4);
        }
    }
    await session.close();
}

const MATRIX = aFloatTensor({ shape: [4, 3] });

describe("importOnnx", () => {
    describe("computes what onnxruntime computes", () => {
        const gemm = (attributes: Record<string, bigint>) =>
            aNode("Gemm", { inputs: ["x", "w", "c"], output: "y", attributes });
        const CASES: { name: string; model: OnnxModel }[] = [
            {
                name: "Gemm",
                model: aFloatModel({
                    input: [1, 4],
                    output: [1, 3],
                    nodes: [gemm({})],
                    constants: { w: MATRIX, c: aFloatTensor({ shape: [3], seed: 2 }) },
                }),
            },
            {
                name: "Gemm with transB, alpha, beta and a scalar C",
                model: aFloatModel({
                    input: ["N", 4],
                    output: ["N", 3],
                    nodes: [withFloats(gemm({ transB: 1n }), { alpha: 0.5, beta: -2 })],
                    constants: { w: aFloatTensor({ shape: [3, 4] }), c: aFloatTensor({ shape: [1], seed: 2 }) },
                }),
            },
            {
                name: "Gemm without C on two rows",
                model: aFloatModel({
                    input: [2, 4],
                    output: [2, 3],
                    nodes: [aNode("Gemm", { inputs: ["x", "w"], output: "y" })],
                    constants: { w: MATRIX },
                }),
            },
            {
                name: "MatMul of a matrix",
                model: aFloatModel({
                    input: [1, 4],
                    output: [1, 3],
                    nodes: [aNode("MatMul", { inputs: ["x", "w"], output: "y" })],
                    constants: { w: MATRIX },
                }),
            },
            {
                name: "MatMul of a vector",
                model: aFloatModel({
                    input: [4],
                    output: [3],
                    nodes: [aNode("MatMul", { inputs: ["x", "w"], output: "y" })],
                    constants: { w: MATRIX },
                }),
            },
            {
                name: "MatMul of three axes",
                model: aFloatModel({
                    input: [1, 2, 4],
                    output: [1, 2, 3],
                    nodes: [aNode("MatMul", { inputs: ["x", "w"], output: "y" })],
                    constants: { w: MATRIX },
                }),
            },
            {
                name: "Add of a broadcast constant on either side",
                model: aFloatModel({
                    input: [1, 2, 3],
                    output: [1, 2, 3],
                    nodes: [
                        aNode("Add", { inputs: ["c", "x"], output: "s" }),
                        aNode("Add", { inputs: ["s", "d"], output: "y" }),
                    ],
                    constants: { c: aFloatTensor({ shape: [2, 1] }), d: aFloatTensor({ shape: [] }) },
                }),
            },
            {
                name: "MatMul, Add and Relu",
                model: aFloatModel({
                    input: [1, 4],
                    output: [1, 3],
                    nodes: [
                        aNode("MatMul", { inputs: ["x", "w"], output: "p" }),
                        aNode("Add", { inputs: ["p", "b"], output: "s" }),
                        aNode("Relu", { inputs: ["s"], output: "y" }),
                    ],
                    constants: { w: MATRIX, b: aFloatTensor({ shape: [3], seed: 3 }) },
                }),
            },
            {
                name: "Flatten, Reshape and Identity",
                model: aFloatModel({
                    input: ["N", 2, 3],
                    output: [3, 2],
                    nodes: [
                        aNode("Flatten", { inputs: ["x"], output: "f" }),
                        aNode("Identity", { inputs: ["f"], output: "i" }),
                        aNode("Reshape", { inputs: ["i", "s"], output: "y" }),
                    ],
                    constants: { s: aShapeTensor([3, -1]) },
                }),
            },
            {
                name: "Reshape that copies sizes",
                model: aFloatModel({
                    input: [1, 4, 2],
                    output: [1, 4, 2, 1],
                    nodes: [aNode("Reshape", { inputs: ["x", "s"], output: "y" })],
                    constants: { s: aShapeTensor([0, 0, -1, 1]) },
                }),
            },
            {
                name: "ArgMax along the last axis",
                model: aFloatModel({
                    input: [1, 6],
                    output: [1, 1],
                    nodes: [aNode("ArgMax", { inputs: ["x"], output: "y", attributes: { axis: -1n } })],
                    outputType: DTYPE.INT64,
                }),
            },
            {
                name: "ArgMax along a middle axis without keeping it",
                model: aFloatModel({
                    input: [2, 3, 2],
                    output: [2, 2],
                    nodes: [aNode("ArgMax", { inputs: ["x"], output: "y", attributes: { axis: 1n, keepdims: 0n } })],
                    outputType: DTYPE.INT64,
                }),
            },
            { name: "an MLP with a symbolic batch", model: anMlp({ sizes: [5, 4, 3], batch: "batch" }) },
            ...[7, 13, 21].map((opset) => ({
                name: `a Gemm of opset ${opset}`,
                model: { ...anMlp({ sizes: [3, 2] }), opset },
            })),
        ];
        for (const { name, model } of CASES) it(name, () => expectRuntime(model));

        const CONVOLUTIONS: {
            name: string;
            attributes: Record<string, bigint | bigint[] | string>;
            weights: number[];
            input: number[];
            output: number[];
            bias?: boolean;
        }[] = [
            {
                name: "plain",
                attributes: {},
                weights: [2, 3, 2, 2],
                input: [1, 3, 4, 4],
                output: [1, 2, 3, 3],
                bias: true,
            },
            {
                name: "with strides, pads and dilations",
                attributes: { strides: [2n, 1n], pads: [1n, 0n, 2n, 1n], dilations: [1n, 2n] },
                weights: [2, 1, 3, 2],
                input: [1, 1, 5, 6],
                output: [1, 2, 3, 5],
            },
            {
                name: "in groups",
                attributes: { group: 2n },
                weights: [4, 1, 2, 2],
                input: [1, 2, 3, 3],
                output: [1, 4, 2, 2],
                bias: true,
            },
            {
                name: "of one axis",
                attributes: { pads: [1n, 1n] },
                weights: [2, 2, 3],
                input: [1, 2, 5],
                output: [1, 2, 5],
            },
            {
                name: "with auto_pad SAME_UPPER",
                attributes: { auto_pad: "SAME_UPPER", strides: [2n, 2n] },
                weights: [1, 1, 3, 3],
                input: [1, 1, 4, 5],
                output: [1, 1, 2, 3],
            },
            {
                name: "with auto_pad SAME_LOWER",
                attributes: { auto_pad: "SAME_LOWER" },
                weights: [1, 1, 2, 2],
                input: [1, 1, 3, 3],
                output: [1, 1, 3, 3],
            },
            {
                name: "with auto_pad VALID",
                attributes: { auto_pad: "VALID" },
                weights: [1, 1, 2, 2],
                input: [1, 1, 3, 3],
                output: [1, 1, 2, 2],
            },
        ];
        for (const { name, attributes, weights, input, output, bias } of CONVOLUTIONS) {
            it(`Conv ${name}`, async () => {
                const inputs = ["x", "w", ...(bias ? ["b"] : [])];
                const constants = {
                    w: aFloatTensor({ shape: weights }),
                    ...(bias ? { b: aFloatTensor({ shape: weights.slice(0, 1), seed: 2 }) } : {}),
                };
                await expectRuntime(
                    aFloatModel({
                        input,
                        output,
                        nodes: [aNode("Conv", { inputs, output: "y", attributes })],
                        constants,
                    }),
                );
            });
        }
    });

    it("folds an added constant into the map before it", () => {
        const { nodes } = simplify(importOnnx(aModel()));

        expect(nodes.map(({ op }) => op)).to.deep.equal(["affine", "relu"]);
    });

    it("leaves out what no output needs, whatever it is made of", () => {
        const model = anMlp({ sizes: [3, 2] });
        const extra = aNode("Relu", { inputs: ["x"], output: "unused" });

        expect(simplify(importOnnx({ ...model, nodes: [extra, ...model.nodes] })).nodes).to.have.length(1);
    });
});
