/** Random nets of many operators: whatever the search chooses, circuit, interpreter and integer ONNX model agree. */
import { expect } from "chai";
import fc from "fast-check";
import { analyse } from "../../../offchain/compiler/integer/analyse.ts";
import { createInterpreter } from "../../../offchain/compiler/integer/interpret.ts";
import { found } from "../../../offchain/compiler/integer/types.ts";
import type { OnnxModel, OnnxNode } from "../../../offchain/compiler/onnx/model.ts";
import { readOnnx } from "../../../offchain/compiler/onnx/readOnnx.ts";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { createCalibration } from "../../../offchain/compiler/quantise/calibration.ts";
import { chooseInputFormats } from "../../../offchain/compiler/quantise/inputFormats.ts";
import { approximate } from "../../../offchain/compiler/quantise/quantise.ts";
import { type Candidate, findQuantisation } from "../../../offchain/compiler/quantise/search.ts";
import { readModel } from "../../../offchain/compiler/readModel.ts";
import { expectAgreementOn } from "./_agreement.ts";
import { aFloatModel, aFloatTensor, withFloats } from "./_floatModels.ts";
import { createRandom, someInputs } from "./_integerGraphs.ts";
import { aNode } from "./_models.ts";

const WIDTH = 4;
const ACTIVATIONS = [
    "Relu",
    "Sigmoid",
    "Tanh",
    "LeakyRelu",
    "Clip",
    "Abs",
    "HardSwish",
    "Elu",
    "Gelu",
    "Max",
    "None",
] as const;
type Activation = (typeof ACTIVATIONS)[number];
type Layer = { activation: Activation; seed: number };

/** Square layers with an activation behind each. */
function aNet(layers: readonly Layer[]): OnnxModel {
    const nodes: OnnxNode[] = [];
    const constants: Record<string, ReturnType<typeof aFloatTensor>> = {};
    for (const [index, { activation, seed }] of layers.entries()) {
        constants[`w${index}`] = aFloatTensor({ shape: [WIDTH, WIDTH], seed });
        constants[`b${index}`] = aFloatTensor({ shape: [WIDTH], seed: seed + 1 });
        const input = index === 0 ? "x" : `y${index - 1}`;
        const [sum, output] = [`sum${index}`, index === layers.length - 1 ? "y" : `y${index}`];
        nodes.push(aNode("Gemm", { inputs: [input, `w${index}`, `b${index}`], output: sum }));
        nodes.push(activationNode({ activation, sum, output, bias: `b${index}` }));
    }
    return aFloatModel({ input: [1, WIDTH], output: [1, WIDTH], nodes, constants, opset: 20 });
}

function activationNode(given: { activation: Activation; sum: string; output: string; bias: string }): OnnxNode {
    const { activation, sum, output, bias } = given;
    switch (activation) {
        case "None":
            return aNode("Identity", { inputs: [sum], output });
        case "Max":
            return aNode("Max", { inputs: [sum, bias], output });
        case "LeakyRelu":
            return withFloats(aNode(activation, { inputs: [sum], output }), { alpha: 0.2 });
        default:
            return aNode(activation, { inputs: [sum], output });
    }
}

type Net = { layers: readonly Layer[]; accuracyPct: number };

function compile({ layers, accuracyPct }: Net): Candidate {
    const graph = readModel(readOnnx(writeOnnx(aNet(layers))));
    const random = createRandom(layers.length);
    const given = Array.from({ length: 12 }, () => Array.from({ length: WIDTH }, () => random.integer(-100, 100) / 50));
    const calibration = createCalibration({ given, graph });
    const formats = chooseInputFormats({ graph, calibration, bits: 6 });
    const target = { top1Agreement: 0, meanAbsPctDiff: accuracyPct };
    return findQuantisation({ graph, calibration, formats, weightBits: 6, target });
}

const someLayers = fc.array(
    fc.record({ activation: fc.constantFrom(...ACTIVATIONS), seed: fc.integer({ min: 1, max: 1000 }) }),
    { minLength: 1, maxLength: 3 },
);

describe("quantisation of random nets", function () {
    this.timeout(20_000);

    it("gives one function in circuit, interpreter and onnxruntime, far beyond the calibrated inputs too", async () => {
        await fc.assert(
            fc.asyncProperty(someLayers, fc.constantFrom(0.5, 5), async (layers, accuracyPct) => {
                const { analysis, ioSpec } = compile({ layers, accuracyPct });
                const inputs = someInputs({ graph: analysis.graph, count: 4, seed: 9 }); // corners and any others

                await expectAgreementOn({ analysis, ioSpec, inputs });
            }),
            { numRuns: 40 },
        );
    });

    it("keeps every tensor within its interval", () => {
        fc.assert(
            fc.property(someLayers, (layers) => {
                const { analysis } = compile({ layers, accuracyPct: 1 });
                const interpreter = createInterpreter(analysis);
                for (const input of someInputs({ graph: analysis.graph, count: 20, seed: 3 })) {
                    for (const [tensor, values] of interpreter.trace(input)) {
                        const { lo, hi } = found({ map: analysis.intervals, name: tensor });
                        const isWithin = values.every(
                            (value, index) => value >= (lo[index] ?? 1n) && value <= (hi[index] ?? -1n),
                        );
                        expect(isWithin, tensor).to.equal(true);
                    }
                }
            }),
            { numRuns: 20 },
        );
    });

    it("is repeated by what the manifest keeps of it", () => {
        fc.assert(
            fc.property(someLayers, (layers) => {
                const { precision, analysis, approximations } = compile({ layers, accuracyPct: 2 });
                const graph = readModel(readOnnx(writeOnnx(aNet(layers))));

                const again = approximate({ graph, precision });

                expect(analyse(again.graph).graph).to.deep.equal(analysis.graph);
                expect(again.approximations).to.deep.equal(approximations);
            }),
            { numRuns: 15 },
        );
    });

    it("needs no more constraints when more may be lost", () => {
        for (const seed of [1, 2, 3, 4]) {
            const layers = (["Tanh", "Relu", "None"] as const).map((activation, index) => ({
                activation,
                seed: seed + 10 * index,
            }));
            const sizes = [0.2, 1, 5].map((accuracyPct) => compile({ layers, accuracyPct }).plan.constraints.total);

            expect(sizes).to.deep.equal(sizes.toSorted((left, right) => right - left));
        }
    });
});
