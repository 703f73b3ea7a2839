import { expect } from "chai";
import { createFloatEvaluator } from "../../../offchain/compiler/graph/evaluate.ts";
import { importOnnx } from "../../../offchain/compiler/graph/importOnnx.ts";
import { simplify } from "../../../offchain/compiler/graph/simplify.ts";
import type { OnnxModel, OnnxNode } from "../../../offchain/compiler/onnx/model.ts";
import { expectNear } from "../../support/near.ts";
import { aFloatModel, aFloatTensor, aShapeTensor } from "./_floatModels.ts";
import { createRandom } from "./_integerGraphs.ts";
import { aNode } from "./_models.ts";

const STATISTICS = {
    s: aFloatTensor({ shape: [2], seed: 4 }),
    b: aFloatTensor({ shape: [2], seed: 5 }),
    m: aFloatTensor({ shape: [2], seed: 6 }),
    v: aFloatTensor({ shape: [2], values: [0.5, 2] }),
};
const IMAGE = [1, 2, 4, 4];

function conv({ inputs, output }: { inputs: string[]; output: string }): OnnxNode {
    return aNode("Conv", { inputs, output, attributes: { pads: [1n, 1n, 1n, 1n] } });
}

function normalise({ input, output }: { input: string; output: string }): OnnxNode {
    return aNode("BatchNormalization", { inputs: [input, "s", "b", "m", "v"], output });
}

describe("simplify", () => {
    const CASES: { what: string; model: OnnxModel; left: string[] }[] = [
        {
            what: "puts a normalisation into the convolution before it",
            model: aFloatModel({
                input: IMAGE,
                output: IMAGE,
                nodes: [conv({ inputs: ["x", "w"], output: "c" }), normalise({ input: "c", output: "y" })],
                constants: { w: aFloatTensor({ shape: [2, 2, 3, 3] }), ...STATISTICS },
            }),
            left: ["affine conv"],
        },
        {
            what: "puts a normalisation into the padded convolution after it",
            model: aFloatModel({
                input: IMAGE,
                output: IMAGE,
                nodes: [normalise({ input: "x", output: "n" }), conv({ inputs: ["n", "w"], output: "y" })],
                constants: { w: aFloatTensor({ shape: [2, 2, 3, 3] }), ...STATISTICS },
            }),
            left: ["affine conv"],
        },
        {
            what: "puts a standardisation into both of its readers",
            model: aFloatModel({
                input: [1, 2],
                output: [1, 3],
                nodes: [
                    aNode("Sub", { inputs: ["x", "m"], output: "d" }),
                    aNode("Div", { inputs: ["d", "v"], output: "n" }),
                    aNode("MatMul", { inputs: ["n", "w"], output: "p" }),
                    aNode("Relu", { inputs: ["p"], output: "r" }),
                    aNode("MatMul", { inputs: ["n", "u"], output: "q" }),
                    aNode("Add", { inputs: ["r", "q"], output: "y" }),
                ],
                constants: {
                    w: aFloatTensor({ shape: [2, 3] }),
                    u: aFloatTensor({ shape: [2, 3], seed: 8 }),
                    ...STATISTICS,
                },
            }),
            left: ["affine dense", "relu ", "affine dense", "affine scale,scale"],
        },
        {
            what: "reads through reshapes and selections",
            model: aFloatModel({
                input: [1, 2, 3],
                output: [3, 2],
                nodes: [
                    aNode("Transpose", { inputs: ["x"], output: "t", attributes: { perm: [0n, 2n, 1n] } }),
                    aNode("Reshape", { inputs: ["t", "shape"], output: "r" }),
                    aNode("Concat", { inputs: ["r", "r"], output: "c", attributes: { axis: 0n } }),
                    aNode("Slice", { inputs: ["c", "from", "to"], output: "z" }),
                    aNode("Mul", { inputs: ["z", "m"], output: "y" }),
                ],
                constants: {
                    shape: aShapeTensor([3, 2]),
                    from: aShapeTensor([2]),
                    to: aShapeTensor([5]),
                    ...STATISTICS,
                },
            }),
            left: ["affine sparse"],
        },
        {
            what: "leaves a map that somebody else reads",
            model: aFloatModel({
                input: [1, 2],
                output: [1, 2],
                nodes: [
                    aNode("MatMul", { inputs: ["x", "w"], output: "p" }),
                    aNode("Mul", { inputs: ["p", "m"], output: "q" }),
                    aNode("Relu", { inputs: ["p"], output: "r" }),
                    aNode("Add", { inputs: ["q", "r"], output: "y" }),
                ],
                constants: { w: aFloatTensor({ shape: [2, 2] }), ...STATISTICS },
            }),
            left: ["affine dense", "relu ", "affine scale,scale"],
        },
    ];
    for (const { what, model, left } of CASES) {
        it(what, () => {
            const whole = importOnnx(model);

            const simple = simplify(whole);

            const kinds = simple.nodes.map((node) =>
                [node.op, node.op === "affine" ? node.kernels.map(({ kind }) => kind).join() : ""].join(" "),
            );
            expect(kinds).to.deep.equal(left);
            const random = createRandom(3);
            const count = (whole.shapes.get("x") ?? []).reduce((product, size) => product * size, 1);
            const input = Array.from({ length: count }, () => random.integer(-64, 64) / 16);
            const [wanted, actual] = [whole, simple].map((graph) => createFloatEvaluator(graph).trace(input).get("y"));
            for (const [index, value] of (wanted ?? []).entries()) {
                expectNear({ actual: actual?.[index], wanted: value, tolerance: 1e-9 });
            }
        });
    }
});
