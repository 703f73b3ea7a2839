/** Models with operators in pieces and by table, from float to the circuit. */
import { expect } from "chai";
import { realFunction } from "../../../offchain/compiler/graph/functions.ts";
import { createInterpreter } from "../../../offchain/compiler/integer/interpret.ts";
import { found } from "../../../offchain/compiler/integer/types.ts";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import type { OnnxModel, OnnxNode } from "../../../offchain/compiler/onnx/model.ts";
import type { Candidate } from "../../../offchain/compiler/quantise/search.ts";
import { expectFloat } from "./_floatAgreement.ts";
import { caseModel, type FloatCase } from "./_floatCases.ts";
import { aFloatModel, aFloatTensor, aShapeTensor } from "./_floatModels.ts";
import { aNode } from "./_models.ts";

const scalar = (value: number) => aFloatTensor({ shape: [], values: [value] });
const row = (op: string, rest: Partial<FloatCase> = {}): OnnxModel => caseModel({ op, form: "", x: [[1, 4]], ...rest });

/** max(x, -x / 2) of two tensors. */
function aMirror(): OnnxModel {
    const nodes = [
        aNode("Mul", { inputs: ["x", "c"], output: "other" }),
        aNode("Max", { inputs: ["x", "other"], output: "y" }),
    ];
    return aFloatModel({ input: [1, 4], output: [1, 4], nodes, constants: { c: scalar(-0.5) } });
}

/** Greatest difference from onnxruntime, inputs of 8 bits in [-2, 2]: half a step of the input times the steepest slope. */
const MODELS: { what: string; model: OnnxModel; tolerance: number }[] = [
    { what: "LeakyRelu", model: row("LeakyRelu", { attributes: { alpha: { float: 0.3 } } }), tolerance: 0.03 },
    { what: "PRelu", model: row("PRelu", { constants: { s: aFloatTensor({ shape: [4] }) } }), tolerance: 0.04 },
    { what: "Clip", model: row("Clip", { constants: { min: scalar(-0.7), max: scalar(0.9) } }), tolerance: 0.03 },
    { what: "HardSigmoid", model: row("HardSigmoid"), tolerance: 0.02 },
    { what: "HardSwish", model: row("HardSwish"), tolerance: 0.05 },
    { what: "Abs", model: row("Abs"), tolerance: 0.03 },
    { what: "Max of a number", model: row("Max", { constants: { c: scalar(0.3) } }), tolerance: 0.03 },
    { what: "Min of numbers", model: row("Min", { constants: { c: aFloatTensor({ shape: [4] }) } }), tolerance: 0.03 },
    { what: "Max of tensors", model: aMirror(), tolerance: 0.03 },
    {
        what: "MaxPool",
        model: caseModel({
            op: "MaxPool",
            form: "",
            x: [[1, 1, 4, 5]],
            attributes: { kernel_shape: [2, 3], pads: [1, 1, 1, 1] },
        }),
        tolerance: 0.03,
    },
    {
        what: "ReduceMin",
        model: caseModel({ op: "ReduceMin", form: "", x: [[1, 3, 4]], attributes: { axes: [1] } }),
        tolerance: 0.03,
    },
    { what: "Sigmoid", model: row("Sigmoid"), tolerance: 0.02 },
    { what: "Tanh", model: row("Tanh"), tolerance: 0.04 },
    { what: "Exp", model: row("Exp"), tolerance: 0.2 },
    { what: "Erf", model: row("Erf"), tolerance: 0.04 },
    { what: "Gelu", model: row("Gelu", { opset: 20 }), tolerance: 0.06 },
    { what: "Softplus", model: row("Softplus"), tolerance: 0.03 },
    { what: "Elu", model: row("Elu"), tolerance: 0.04 },
    { what: "Selu", model: row("Selu"), tolerance: 0.08 },
    { what: "Mish", model: row("Mish", { opset: 18 }), tolerance: 0.06 },
    { what: "Sin", model: row("Sin"), tolerance: 0.04 },
];

/** A model that compares, chooses and combines truth values. */
function aChoice(nodes: OnnxNode[], constants = {}): OnnxModel {
    return aFloatModel({ input: [1, 4], output: [1, 4], nodes, constants });
}

const asFloat = (input: string) =>
    aNode("Cast", { inputs: [input], output: "y", attributes: { to: BigInt(DTYPE.FLOAT) } });

/** Bounds of a table inside its ends and beyond them. */
function boundOf({ approximations }: Candidate): number {
    return approximations.reduce((most, { bound }) => Math.max(most, Number(bound)), 0);
}

describe("circuits of operators in pieces and by table", function () {
    this.timeout(20_000);

    for (const { what, model, tolerance } of MODELS) {
        it(`are near ${what} in onnxruntime`, async () => {
            await expectFloat({ model, tolerance });
        });
    }

    for (const op of ["Floor", "Ceil", "Round", "Sign", "ArgMax", "ArgMin"]) {
        it(`are exact for ${op} of whole numbers and halves`, async () => {
            const half = aNode("Mul", { inputs: ["x", "half"], output: "halves" });
            const model = aFloatModel({
                input: [1, 4],
                output: op.startsWith("Arg") ? [1, 1] : [1, 4],
                nodes: [
                    half,
                    aNode(op, {
                        inputs: ["halves"],
                        output: "y",
                        attributes: op.startsWith("Arg") ? { axis: 1n } : {},
                    }),
                ],
                constants: { half: scalar(0.5) },
                outputType: op.startsWith("Arg") ? DTYPE.INT64 : DTYPE.FLOAT,
            });

            await expectFloat({ model, tolerance: 0, range: [-5, 5], isWhole: true });
        });
    }

    for (const relation of ["Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equal"]) {
        it(`are exact for ${relation} of whole numbers, equal ones too`, async () => {
            const c = aFloatTensor({ shape: [4], values: [-2, 0, 1, 2.5] });
            const model = aChoice([aNode(relation, { inputs: ["x", "c"], output: "truth" }), asFloat("truth")], { c });

            await expectFloat({ model, tolerance: 0, range: [-3, 3], isWhole: true });
        });
    }

    for (const connective of ["And", "Or", "Xor"]) {
        it(`are exact for ${connective} and Not of comparisons`, async () => {
            const nodes = [
                aNode("Less", { inputs: ["x", "one"], output: "small" }),
                aNode("Greater", { inputs: ["x", "minusOne"], output: "large" }),
                aNode("Not", { inputs: ["large"], output: "notLarge" }),
                aNode(connective, { inputs: ["small", "notLarge"], output: "truth" }),
                asFloat("truth"),
            ];
            const model = aChoice(nodes, { one: scalar(1), minusOne: scalar(-1) });

            await expectFloat({ model, tolerance: 0, range: [-3, 3], isWhole: true });
        });
    }

    it("are exact for Where between tensors and numbers", async () => {
        const nodes = [
            aNode("Greater", { inputs: ["x", "one"], output: "isLarge" }),
            aNode("Mul", { inputs: ["x", "three"], output: "threefold" }),
            aNode("Where", { inputs: ["isLarge", "threefold", "minusOne"], output: "inner" }),
            aNode("Less", { inputs: ["x", "minusOne"], output: "isSmall" }),
            aNode("Where", { inputs: ["isSmall", "x", "inner"], output: "y" }),
        ];
        const model = aChoice(nodes, { one: scalar(1), three: scalar(3), minusOne: scalar(-1) });

        await expectFloat({ model, tolerance: 0, range: [-3, 3], isWhole: true });
    });

    for (const ends of [{ max: scalar(-5) }, { min: scalar(5) }, { min: scalar(0.5), max: scalar(0.5) }]) {
        it(`clip to ${JSON.stringify(Object.keys(ends))} beyond every argument, or to one value`, async () => {
            const names = "min" in ends ? ["x0", "min", ...("max" in ends ? ["max"] : [])] : ["x0", "", "max"];
            const model = row("Clip", { constants: ends, inputs: names });

            await expectFloat({ model, tolerance: 0, range: [-3, 3], isWhole: true });
        });
    }

    it("hold the ends of a clip of whole numbers", async () => {
        const model = row("Clip", { constants: { min: scalar(-1.25), max: scalar(0.3) } });

        await expectFloat({ model, tolerance: 0.005, range: [-3, 3], isWhole: true });
    });

    it("have one ReLU for each maximum", async () => {
        const window = { kernel_shape: [2n, 2n], strides: [2n, 2n] };
        const nodes = [
            aNode("Relu", { inputs: ["x"], output: "rectified" }),
            aNode("MaxPool", { inputs: ["rectified"], output: "y", attributes: window }),
        ];
        const model = aFloatModel({ input: [1, 1, 4, 4], output: [1, 1, 2, 2], nodes });

        const { analysis } = await expectFloat({ model, tolerance: 0.03 });

        const relu = analysis.graph.nodes.find(({ op }) => op === "relu" || op === "reluRescale");
        expect(found({ map: analysis.intervals, name: relu?.output ?? "" }).lo.length).to.equal(4);
    });

    it("give filters of small weights a scale of their own", async () => {
        const w = aFloatTensor({ shape: [2, 1, 2, 2], seed: 9 });
        const weights = [...w.data].map((weight, index) => Number(weight) * (index < 4 ? 1 : 1 / 64));
        const nodes = [
            aNode("Conv", { inputs: ["x", "w"], output: "sums" }),
            aNode("Relu", { inputs: ["sums"], output: "rectified" }),
            aNode("Mul", { inputs: ["rectified", "c"], output: "y" }), // 64 times what came from small weights
        ];
        const constants = {
            w: aFloatTensor({ shape: [2, 1, 2, 2], values: weights }),
            c: aFloatTensor({ shape: [1, 2, 1, 1], values: [1, 64] }),
        };
        const model = aFloatModel({ input: [1, 1, 3, 3], output: [1, 2, 2, 2], nodes, constants });

        await expectFloat({ model, tolerance: 0.12 }); // 0.5 with one scale for both
    });

    it("take x * Sigmoid(x) as one table", async () => {
        const nodes = [
            aNode("Sigmoid", { inputs: ["x"], output: "gate" }),
            aNode("Mul", { inputs: ["x", "gate"], output: "y" }),
        ];

        const { analysis } = await expectFloat({ model: aChoice(nodes), tolerance: 0.05 });

        expect(analysis.graph.nodes.filter(({ op }) => op === "table").length).to.equal(1);
        expect(analysis.graph.nodes.some(({ op }) => op === "product")).to.equal(false);
    });

    it("cost about 45 constraints for a sigmoid behind a layer, beyond the bits of its sum", async () => {
        const nodes = [
            aNode("MatMul", { inputs: ["x", "w"], output: "sum" }),
            aNode("Sigmoid", { inputs: ["sum"], output: "y" }),
        ];
        const w = aFloatTensor({ shape: [16, 4], seed: 5 });
        const model = aFloatModel({ input: [1, 16], output: [1, 4], nodes, constants: { w } });

        const { plan, analysis } = await expectFloat({ model, tolerance: 0.05, accuracyPct: 1 });

        const sums = analysis.graph.nodes.find(({ op }) => op === "linear")?.output ?? "";
        const widest = found({ map: analysis.intervals, name: sums }).hi.reduce(
            (most, hi) => (hi > most ? hi : most),
            0n,
        );
        const cost = plan.layers.reduce(
            (total, { op, constraints }) => total + (op === "input" || op === "output" ? 0 : constraints),
            0,
        );
        expect(cost / 4).to.be.at.most(widest.toString(2).length + 45);
    });

    for (const name of ["Sigmoid", "Tanh", "Exp", "Gelu", "Sin", "Elu"]) {
        it(`keep the bound of the manifest for every argument of ${name}`, async () => {
            const samples = caseModel({ op: name, form: "", x: [[1, 1]], opset: 20 });
            for (const accuracyPct of [0.1, 1, 5]) {
                const candidate = await expectFloat({
                    model: samples,
                    tolerance: 5,
                    accuracyPct,
                    range: [-3, 2],
                    count: 20,
                });
                const { analysis, precision } = candidate;
                const { min, max, scaleLog2, zeroPoint } = found({ map: precision.formats, name: "x0" });
                const interpreter = createInterpreter(analysis);
                const [output = ""] = analysis.graph.outputs;
                const scale = found({ map: analysis.graph.tensors, name: output }).scaleLog2;
                const evaluate = realFunction({ name: name.toLowerCase(), parameters: [] });
                const bound = boundOf(candidate);
                for (let x = min; x <= max; x++) {
                    const [y = 0n] = interpreter.run([x]);
                    const wanted = evaluate(Number(x - zeroPoint) * 2 ** -scaleLog2);
                    expect(Math.abs(Number(y) * 2 ** -scale - wanted), `${name} of ${x}`).to.be.at.most(bound);
                }
            }
        });
    }

    it("clamp arguments that calibration did not show, and count those that it did", async () => {
        const nodes = [
            aNode("Mul", { inputs: ["x", "c"], output: "steep" }),
            aNode("Tanh", { inputs: ["steep"], output: "y" }),
        ];
        const model = aChoice(nodes, { c: scalar(20) });

        const { accuracy, approximations } = await expectFloat({ model, tolerance: 0.4, accuracyPct: 1 });

        expect(accuracy.saturations.length).to.equal(1);
        const [{ count, of } = { count: 0, of: 0 }] = accuracy.saturations;
        expect(count).to.be.greaterThan(0);
        expect(of).to.equal(200);
        expect(approximations.some(({ what }) => what.includes("beyond"))).to.equal(true);
    });

    it("keep a dimension of a shape out of it", async () => {
        const nodes = [
            aNode("Relu", { inputs: ["x"], output: "rectified" }),
            aNode("Reshape", { inputs: ["rectified", "size"], output: "y" }),
        ];
        const model = aFloatModel({ input: [1, 4], output: [2, 2], nodes, constants: { size: aShapeTensor([2, 2]) } });

        await expectFloat({ model, tolerance: 0.03 });
    });
});
