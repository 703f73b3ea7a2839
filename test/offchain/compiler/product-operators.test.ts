import { isProtocolError } from "@assay/protocol";
import { expect } from "chai";
import type { OnnxNode, OnnxTensor } from "../../../offchain/compiler/onnx/model.ts";
import { expectFloat, type FloatAgreement } from "./_floatAgreement.ts";
import { aFloatModel, aFloatTensor, aShapeTensor } from "./_floatModels.ts";
import { aNode } from "./_models.ts";

type Case = Omit<FloatAgreement, "model" | "tolerance"> & {
    title?: string;
    op: string;
    opset?: number;
    input: number[];
    output?: number[];
    inputs?: string[];
    constants?: Record<string, OnnxTensor>;
    attributes?: Record<string, bigint | bigint[]>;
    tolerance?: number;
};

/** One node "y" of input "x", against onnxruntime. */
function check({ op, opset = 17, input, output = input, inputs = ["x"], constants = {}, ...rest }: Case) {
    const { attributes = {}, tolerance = 0.1, ...agreement } = rest;
    const nodes = [aNode(op, { inputs, output: "y", attributes })];
    return expectFloat({ ...agreement, tolerance, model: aFloatModel({ input, output, nodes, constants, opset }) });
}

const scale = aFloatTensor({ shape: [4], seed: 3 });
const shift = aFloatTensor({ shape: [4], seed: 4 });
const exponent = (value: number) => ({ e: aFloatTensor({ shape: [1], values: [value] }) });
const overAxis1: Pick<Case, "attributes" | "input" | "output"> = {
    input: [2, 3, 2],
    output: [2, 2],
    attributes: { axes: [1n], keepdims: 0n },
};

const CASES: Case[] = [
    { op: "Softmax", input: [2, 3], opset: 13 },
    { op: "Softmax", title: "of one element", input: [3, 1], opset: 13 },
    { op: "Softmax", title: "of pairs", input: [2, 2, 2], opset: 13, attributes: { axis: 1n } },
    { op: "Softmax", title: "of all axes from one on", input: [1, 2, 3], opset: 11, attributes: { axis: 1n } },
    { op: "Hardmax", input: [2, 3, 2], opset: 13, attributes: { axis: 1n }, range: [-9, 9], isWhole: true },
    { op: "Hardmax", title: "of all axes from one on", input: [1, 2, 3], opset: 11, range: [-9, 9], isWhole: true },
    { op: "LogSoftmax", input: [1, 6], opset: 13 },
    { op: "LogSoftmax", title: "of all axes from one on", input: [1, 2, 2], opset: 11 },
    { op: "LayerNormalization", input: [2, 4], inputs: ["x", "w", "b"], constants: { w: scale, b: shift } },
    {
        op: "InstanceNormalization",
        input: [1, 4, 3],
        inputs: ["x", "w", "b"],
        constants: { w: scale, b: shift },
        tolerance: 0.2,
    },
    {
        op: "GroupNormalization",
        opset: 21,
        input: [1, 4, 4],
        inputs: ["x", "w", "b"],
        constants: { w: scale, b: shift },
        attributes: { num_groups: 2n },
    },
    { op: "MeanVarianceNormalization", opset: 13, input: [1, 2, 2, 4] },
    { op: "LpNormalization", input: [2, 3], range: [0.2, 2] },
    { op: "LpNormalization", title: "by absolute values", input: [2, 3], range: [0.2, 2], attributes: { p: 1n } },
    { op: "ReduceL1", ...overAxis1 },
    { op: "ReduceL2", ...overAxis1 },
    { op: "ReduceSumSquare", ...overAxis1, tolerance: 0.2 },
    { op: "ReduceLogSumExp", ...overAxis1 },
    { op: "ReduceLogSum", ...overAxis1, range: [0.5, 3] },
    { op: "ReduceProd", ...overAxis1, tolerance: 0.2 },
    { op: "ReduceProd", title: "of one element", input: [2, 1], output: [2, 1], attributes: { axes: [1n] } },
    ...[2, 3, 5, 0.5, -0.5, 1.7].map(
        (value): Case => ({
            op: "Pow",
            title: `to ${value}`,
            input: [1, 3],
            range: [0.5, 2],
            inputs: ["x", "e"],
            constants: exponent(value),
            tolerance: 0.5,
        }),
    ),
];

const node = (op: string, inputs: string[], output: string, attributes: Record<string, bigint | bigint[]> = {}) =>
    aNode(op, { inputs, output, attributes });

/** A graph of several nodes of which the last one gives "y". */
function checkGraph(graph: {
    input: number[];
    output: number[];
    nodes: OnnxNode[];
    constants?: Record<string, OnnxTensor>;
    tolerance: number;
    range?: [number, number];
    bits?: number;
}) {
    const { input, output, nodes, constants = {}, ...agreement } = graph;
    return expectFloat({ ...agreement, model: aFloatModel({ input, output, nodes, constants, opset: 20 }) });
}

describe("operators of products, roots and quotients", function () {
    this.timeout(20_000);

    for (const { title = "", ...instance } of CASES) {
        it(`${[instance.op, title].join(" ").trim()} is near onnxruntime, and alike in all three`, async () => {
            await check(instance);
        });
    }

    it("multiplies matrices that the model computes, batched", async () => {
        const nodes = [node("Transpose", ["x"], "t", { perm: [0n, 2n, 1n] }), node("MatMul", ["x", "t"], "y")];

        const { plan } = await checkGraph({ input: [2, 3, 4], output: [2, 3, 3], nodes, tolerance: 0.2 });

        expect(plan.layers.find(({ op }) => op === "product")?.constraints).to.equal(2 * 3 * 3 * 4);
    });

    it("multiplies a matrix and a vector, a scalar product and an outer one", async () => {
        const constants = { first: aShapeTensor([3]), column: aShapeTensor([3, 1]), row: aShapeTensor([1, 3]) };
        const nodes = [
            node("Reshape", ["x", "first"], "v"),
            node("Reshape", ["x", "column"], "c"),
            node("Reshape", ["x", "row"], "r"),
            node("MatMul", ["c", "r"], "outer"),
            node("MatMul", ["outer", "v"], "applied"),
            node("MatMul", ["v", "v"], "scalar"),
            node("Sub", ["applied", "scalar"], "y"),
        ];

        await checkGraph({ input: [1, 3], output: [3], nodes, constants, tolerance: 0.5 });
    });

    it("multiplies by Gemm, transposed and with an addend that the model computes", async () => {
        const constants = { column: aShapeTensor([3, 2]) };
        const gemm = aNode("Gemm", {
            inputs: ["m", "m", "s"],
            output: "y",
            attributes: { transA: 1n },
        });
        const nodes = [node("Reshape", ["x", "column"], "m"), node("ReduceSum", ["m"], "s", { keepdims: 1n }), gemm];

        await checkGraph({ input: [1, 6], output: [2, 2], nodes, constants, tolerance: 0.3 });
    });

    it("divides element by element, by a shared divisor, and constants", async () => {
        const constants = { c: aFloatTensor({ shape: [1, 3], values: [1, 2, 3] }) };
        const nodes = [
            node("ReduceSum", ["x"], "s", { keepdims: 1n }),
            node("Div", ["x", "s"], "shared"),
            node("Div", ["shared", "x"], "each"),
            node("Div", ["c", "x"], "constant"),
            node("Add", ["each", "constant"], "y"),
        ];

        await checkGraph({ input: [1, 3], output: [1, 3], nodes, constants, range: [0.5, 3], tolerance: 0.2 });
    });

    it("divides by what is always negative", async () => {
        const nodes = [node("Neg", ["x"], "n"), node("Mul", ["x", "x"], "s"), node("Div", ["s", "n"], "y")];

        await checkGraph({ input: [1, 3], output: [1, 3], nodes, range: [0.5, 3], tolerance: 0.1 });
    });

    it("refuses a divisor of either sign, and names it", async () => {
        const nodes = [node("Mul", ["x", "x"], "s"), node("Div", ["s", "x"], "y")];

        const error = await checkGraph({ input: [1, 3], output: [1, 3], nodes, tolerance: 0.1 }).then(
            () => undefined,
            (reason: unknown) => reason,
        );

        expect(isProtocolError(error, "MODEL_OP_FORM_UNSUPPORTED")).to.equal(true);
        expect(String(error)).to.contain('divisor "x"').and.contain("Div");
    });

    it("refuses to divide whole numbers, whose quotient ONNX rounds towards zero", async () => {
        const nodes = [
            node("Cast", ["x"], "i", { to: 7n }),
            node("Div", ["i", "i"], "q"),
            node("Cast", ["q"], "y", { to: 1n }),
        ];

        const error = await checkGraph({ input: [1, 3], output: [1, 3], nodes, tolerance: 0 }).then(
            () => undefined,
            (reason: unknown) => reason,
        );

        expect(isProtocolError(error, "MODEL_OP_FORM_UNSUPPORTED")).to.equal(true);
        expect(String(error)).to.contain("Div").and.contain("cast to float first");
    });

    it("compiles a block of a transformer", async () => {
        const [length, width, heads] = [3, 4, 2];
        const weight = (shape: number[], seed: number) => aFloatTensor({ shape, seed });
        const constants = {
            g1: weight([width], 1),
            b1: weight([width], 2),
            wq: weight([width, width], 3),
            wk: weight([width, width], 4),
            wv: weight([width, width], 5),
            wo: weight([width, width], 6),
            w1: weight([width, 6], 7),
            w2: weight([6, width], 8),
            split: aShapeTensor([1, length, heads, width / heads]),
            join: aShapeTensor([1, length, width]),
            root: aFloatTensor({ shape: [1], values: [Math.sqrt(width / heads)] }),
        };
        const headed = (name: string, perm: bigint[]) => [
            node("MatMul", ["n", `w${name}`], `${name}0`),
            node("Reshape", [`${name}0`, "split"], `${name}1`),
            node("Transpose", [`${name}1`], name, { perm }),
        ];
        const nodes = [
            node("LayerNormalization", ["x", "g1", "b1"], "n"),
            ...headed("q", [0n, 2n, 1n, 3n]),
            ...headed("k", [0n, 2n, 3n, 1n]),
            ...headed("v", [0n, 2n, 1n, 3n]),
            node("MatMul", ["q", "k"], "scores"),
            node("Div", ["scores", "root"], "scaled"),
            node("Softmax", ["scaled"], "attention"),
            node("MatMul", ["attention", "v"], "mixed"),
            node("Transpose", ["mixed"], "back", { perm: [0n, 2n, 1n, 3n] }),
            node("Reshape", ["back", "join"], "joined"),
            node("MatMul", ["joined", "wo"], "projected"),
            node("Add", ["x", "projected"], "residual"),
            node("LayerNormalization", ["residual", "g1", "b1"], "m"),
            node("MatMul", ["m", "w1"], "inner"),
            node("Gelu", ["inner"], "active"),
            node("MatMul", ["active", "w2"], "outer"),
            node("Add", ["residual", "outer"], "y"),
        ];
        const shape = [1, length, width];

        const { accuracy } = await checkGraph({
            input: shape,
            output: shape,
            nodes,
            constants,
            tolerance: 0.5,
            bits: 10,
        });

        expect(accuracy.meanAbsPctDiff).to.be.below(1);
    });
});
