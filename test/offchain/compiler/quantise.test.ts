import { expect } from "chai";
import fc from "fast-check";
import { importOnnx } from "../../../offchain/compiler/graph/importOnnx.ts";
import { simplify } from "../../../offchain/compiler/graph/simplify.ts";
import type { FloatGraph } from "../../../offchain/compiler/graph/types.ts";
import { analyse } from "../../../offchain/compiler/integer/analyse.ts";
import type { LinearNode } from "../../../offchain/compiler/integer/types.ts";
import type { OnnxModel } from "../../../offchain/compiler/onnx/model.ts";
import { createReference, measureAccuracy } from "../../../offchain/compiler/quantise/accuracy.ts";
import { createCalibration } from "../../../offchain/compiler/quantise/calibration.ts";
import {
    chooseInputFormat,
    type InputFormat,
    quantiseElement,
} from "../../../offchain/compiler/quantise/inputFormat.ts";
import { type Precision, quantise } from "../../../offchain/compiler/quantise/quantise.ts";
import { findQuantisation } from "../../../offchain/compiler/quantise/search.ts";
import { thrownBy } from "./_faults.ts";
import { aFloatModel, aFloatTensor, anMlp } from "./_floatModels.ts";
import { createRandom } from "./_integerGraphs.ts";
import { aNode } from "./_models.ts";

const EIGHT_BITS: InputFormat = { dtype: 3, bits: 8, min: -128n, max: 127n, scaleLog2: 5, zeroPoint: 0n };
const aPrecision = ({
    format = EIGHT_BITS,
    ...overrides
}: Partial<Precision> & { format?: InputFormat } = {}): Precision => ({
    formats: new Map([["x", format]]),
    weightBits: 8,
    activationScales: new Map(),
    operandBits: 12,
    ...overrides,
});
const floatGraph = (model: OnnxModel): FloatGraph => simplify(importOnnx(model));

/** Samples of so many elements in [lo, hi]. */
function someSamples({
    count,
    elements,
    lo,
    hi,
}: {
    count: number;
    elements: number;
    lo: number;
    hi: number;
}): number[][] {
    const random = createRandom(5);
    return Array.from({ length: count }, () =>
        Array.from({ length: elements }, () => lo + ((hi - lo) * random.integer(0, 10_000)) / 10_000),
    );
}

describe("quantisation", () => {
    describe("input format", () => {
        const choose = (samples: number[], bits = 8) =>
            chooseInputFormat({ samples, range: { lo: Math.min(...samples), hi: Math.max(...samples) }, bits });
        const CASES: { what: string; samples: number[]; bits?: number; format: Partial<InputFormat> }[] = [
            {
                what: "pixels of 0..16 take 5 bits",
                samples: [0, 3, 16],
                format: { dtype: 2, bits: 5, min: 0n, max: 31n, scaleLog2: 0, zeroPoint: 0n },
            },
            { what: "bytes take 8 bits", samples: [0, 255], format: { dtype: 2, bits: 8, max: 255n, scaleLog2: 0 } },
            {
                what: "sixteenths keep their grid",
                samples: [0, 0.0625, 1],
                format: { dtype: 2, bits: 5, scaleLog2: 4 },
            },
            {
                what: "signed whole numbers take two's complement",
                samples: [-3, 2],
                format: { dtype: 3, bits: 3, min: -4n, max: 3n, scaleLog2: 0 },
            },
            { what: "a single zero takes one bit", samples: [0, 0], format: { dtype: 2, bits: 1, max: 1n } },
            {
                what: "reals around zero are scaled",
                samples: [-1.1, 0.7],
                format: { dtype: 3, bits: 8, min: -128n, max: 127n, scaleLog2: 6, zeroPoint: 0n },
            },
            {
                what: "positive reals are unsigned",
                samples: [0.1, 0.9],
                format: { dtype: 2, bits: 8, scaleLog2: 7, zeroPoint: 0n },
            },
            {
                what: "reals far from zero get a zero point",
                samples: [100.1, 101.3],
                format: { dtype: 2, scaleLog2: 7, zeroPoint: -12794n },
            },
            {
                what: "more bits make a wider type",
                samples: [-1.1, 0.7],
                bits: 12,
                format: { dtype: 5, bits: 12, scaleLog2: 10 },
            },
            { what: "a grid beyond the bits is left", samples: [0, 0.3, 1000], format: { bits: 8, scaleLog2: -3 } },
        ];
        for (const { what, samples, bits, format } of CASES) {
            it(what, () => expect(choose(samples, bits)).to.deep.include(format));
        }

        it("accepts every sample and is off by half a step at most", () => {
            const aReal = fc.double({ min: -1e6, max: 1e6, noNaN: true });
            fc.assert(
                fc.property(
                    fc.array(aReal, { minLength: 1, maxLength: 20 }),
                    fc.integer({ min: 2, max: 16 }),
                    (samples, bits) => {
                        const format = choose(samples, bits);
                        for (const value of samples) {
                            const integer = quantiseElement({ format, value });
                            const back = Number(integer - format.zeroPoint) * 2 ** -format.scaleLog2;
                            expect(integer >= format.min && integer <= format.max).to.equal(true);
                            expect(Math.abs(back - value)).to.be.at.most(2 ** -(format.scaleLog2 + 1) * (1 + 1e-9));
                        }
                    },
                ),
                { seed: 20261121, numRuns: 300 },
            );
        });
    });

    describe("calibration", () => {
        const ofThree = floatGraph(anMlp({ sizes: [3, 1] }));
        const CASES = [
            { what: "no sample", given: [], says: "No sample" },
            {
                what: "a sample of another length",
                given: [
                    [1, 2, 3],
                    [1, 2],
                ],
                says: "Sample 1 has 2 elements; the model takes 3",
            },
            { what: "a sample that is not a number", given: [[1, Number.NaN, 3]], says: "Sample 0 contains NaN" },
        ];
        for (const { what, given, says } of CASES) {
            it(`refuses ${what}`, () => {
                const fault = thrownBy(() => createCalibration({ given, graph: ofThree }));

                expect(fault.code).to.equal("CALIBRATION_INVALID");
                expect(fault.message).to.contain(says);
            });
        }

        it("assumes the same samples each time when none are given", () => {
            const assumed = createCalibration({ given: undefined, graph: ofThree });

            expect(assumed.kind).to.equal("none");
            expect(assumed.ranges).to.deep.equal([{ lo: -4, hi: 4 }]);
            expect(createCalibration({ given: undefined, graph: ofThree })).to.deep.equal(assumed);
        });
    });

    describe("weights", () => {
        it("use their bits and no more", () => {
            fc.assert(
                fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 2, max: 16 }), (seed, weightBits) => {
                    const { nodes } = quantise({
                        graph: floatGraph(anMlp({ sizes: [5, 4, 3], seed })),
                        precision: aPrecision({ weightBits }),
                    });
                    for (const node of nodes) {
                        if (node.op !== "linear") continue;
                        const weights = node.kernels.flatMap((kernel) =>
                            kernel.kind === "dense" ? kernel.weights : [],
                        );
                        const greatest = Math.max(...weights.map(Math.abs));
                        expect(greatest).to.be.at.most(2 ** (weightBits - 1) - 1);
                        expect(greatest).to.be.at.least(2 ** (weightBits - 2) - 1);
                    }
                }),
                { seed: 20261121, numRuns: 60 },
            );
        });

        it("that are small whole numbers stay as they are", () => {
            const constants = {
                w: aFloatTensor({ shape: [2, 2], values: [8, -4, 1, 0] }),
                b: aFloatTensor({ shape: [2], values: [-7, 3] }),
            };
            const model = aFloatModel({
                input: [1, 2],
                output: [1, 2],
                nodes: [aNode("Gemm", { inputs: ["x", "w", "b"], output: "y" })],
                constants,
            });
            const format = { ...EIGHT_BITS, scaleLog2: 0 };

            const { nodes, tensors } = quantise({ graph: floatGraph(model), precision: aPrecision({ format }) });

            expect(nodes).to.have.length(1);
            expect(nodes[0]).to.deep.include({
                bias: [-7n, 3n],
                kernels: [{ kind: "dense", positions: 1, rows: 2, columns: 2, weights: [8, 1, -4, 0] }],
            });
            expect(tensors.get("y")?.scaleLog2).to.equal(0);
        });

        it("that are all zero leave the bias", () => {
            const constants = {
                w: aFloatTensor({ shape: [1, 1], values: [0] }),
                b: aFloatTensor({ shape: [1], values: [0.5] }),
            };
            const model = aFloatModel({
                input: [1, 1],
                output: [1, 1],
                nodes: [aNode("Gemm", { inputs: ["x", "w", "b"], output: "y" })],
                constants,
            });

            const [node] = quantise({ graph: floatGraph(model), precision: aPrecision() }).nodes;

            expect(node).to.deep.include({ bias: [16n] });
        });
    });

    describe("of a model", () => {
        const measure = ({
            model,
            samples,
            precision,
        }: {
            model: OnnxModel;
            samples: number[][];
            precision: Precision;
        }) => {
            const graph = floatGraph(model);
            const calibration = createCalibration({ given: samples, graph });
            const reference = createReference({ graph, calibration });
            const analysis = analyse(quantise({ graph, precision }));
            return measureAccuracy({ analysis, reference, calibration, formats: precision.formats });
        };

        it("is close to the float model", () => {
            const samples = someSamples({ count: 100, elements: 6, lo: -3, hi: 3 });

            const accuracy = measure({ model: anMlp({ sizes: [6, 8, 4] }), samples, precision: aPrecision() });

            expect(accuracy.meanAbsPctDiff).to.be.below(0.5);
            expect(accuracy.top1Agreement).to.be.at.least(0.97);
        });

        it("is as close with a zero point, padding and rounding included", () => {
            const constants = { w: aFloatTensor({ shape: [2, 1, 3, 3] }), b: aFloatTensor({ shape: [2], seed: 9 }) };
            const nodes = [
                aNode("Conv", { inputs: ["x", "w", "b"], output: "c", attributes: { pads: [1n, 1n, 1n, 1n] } }),
                aNode("Relu", { inputs: ["c"], output: "y" }),
            ];
            const model = aFloatModel({ input: [1, 1, 4, 4], output: [1, 2, 4, 4], nodes, constants });
            const samples = someSamples({ count: 50, elements: 16, lo: 9.1, hi: 11.9 });
            const format = chooseInputFormat({ samples: samples.flat(), range: { lo: 9.1, hi: 11.9 }, bits: 10 });
            expect(format.zeroPoint).to.not.equal(0n);

            const accuracy = measure({
                model,
                samples,
                precision: aPrecision({ format, weightBits: 12, activationScales: new Map([["y", 6]]) }),
            });

            expect(accuracy.maxAbsError).to.be.below(0.03);
        });

        it("centres what a ReLU reads straight from the input", () => {
            const model = aFloatModel({
                input: [1, 2],
                output: [1, 2],
                nodes: [aNode("Relu", { inputs: ["x"], output: "y" })],
            });
            const format: InputFormat = { dtype: 2, bits: 8, min: 0n, max: 255n, scaleLog2: 4, zeroPoint: 200n };

            const accuracy = measure({
                model,
                samples: [
                    [-1, 2],
                    [0.5, -12],
                ],
                precision: aPrecision({ format }),
            });

            expect(accuracy.maxAbsError).to.equal(0);
        });

        it("keeps long chains of sums within doubles", () => {
            const layers = 9;
            const constants = Object.fromEntries(
                Array.from({ length: layers }, (_, i) => [`w${i}`, aFloatTensor({ shape: [3, 3], seed: i + 1 })]),
            );
            const nodes = Array.from({ length: layers }, (_, i) =>
                aNode("MatMul", {
                    inputs: [i === 0 ? "x" : `t${i - 1}`, `w${i}`],
                    output: i === layers - 1 ? "y" : `t${i}`,
                }),
            );
            const model = aFloatModel({ input: [1, 3], output: [1, 3], nodes, constants });
            const samples = someSamples({ count: 50, elements: 3, lo: -3, hi: 3 });
            const precision = aPrecision({ weightBits: 12 });

            const analysis = analyse(quantise({ graph: floatGraph(model), precision }));

            expect([...analysis.reach.values()].every((reach) => reach < 1n << 53n)).to.equal(true);
            expect(analysis.graph.nodes.map(({ op }) => op)).to.include("rescale");
            expect(measure({ model, samples, precision }).meanAbsPctDiff).to.be.below(0.5);
        });

        it("narrows a wide input rather than leave the doubles", () => {
            const format: InputFormat = { ...EIGHT_BITS, dtype: 12, bits: 32, min: 0n, max: 2n ** 32n - 1n };
            const graph = floatGraph(anMlp({ sizes: [300, 2] }));

            const analysis = analyse(quantise({ graph, precision: aPrecision({ format, weightBits: 24 }) }));

            expect([...analysis.reach.values()].every((reach) => reach < 1n << 53n)).to.equal(true);
        });

        it("refuses sums beyond 63 bits, by the tensor's name", () => {
            const constants = {
                w: aFloatTensor({ shape: [1, 1], values: [1] }),
                b: aFloatTensor({ shape: [1], values: [1e30] }),
            };
            const nodes = [aNode("Gemm", { inputs: ["x", "w", "b"], output: "y" })];
            const model = aFloatModel({ input: [1, 1], output: [1, 1], nodes, constants });

            const fault = thrownBy(() => quantise({ graph: floatGraph(model), precision: aPrecision() }));

            expect(fault.code).to.equal("MODEL_INTERVAL_OVERFLOW");
            expect(fault.message).to.contain('Tensor "y"');
        });

        it("rounds to nearest where a ReLU drops bits", () => {
            const graph = floatGraph(anMlp({ sizes: [2, 2, 2] }));
            const exact = quantise({ graph, precision: aPrecision() });
            const scale = (exact.tensors.get("relu0")?.scaleLog2 ?? 0) - 4;

            const rounded = quantise({
                graph,
                precision: aPrecision({ activationScales: new Map([["relu0", scale]]) }),
            });

            const biasOf = ({ nodes }: typeof exact) =>
                nodes.find((node): node is LinearNode => node.op === "linear")?.bias;
            expect(biasOf(rounded)).to.deep.equal(biasOf(exact)?.map((value) => value + 8n));
            expect(rounded.nodes[1]).to.deep.include({ op: "reluRescale", shift: 4 });
        });
    });

    describe("search", () => {
        const graph = floatGraph(anMlp({ sizes: [16, 12, 8], argMax: true }));
        const samples = someSamples({ count: 200, elements: 16, lo: -2, hi: 2 });
        const calibration = createCalibration({ given: samples, graph });
        const find = (pct: number) =>
            findQuantisation({
                graph,
                calibration,
                formats: new Map([["x", EIGHT_BITS]]),
                weightBits: 8,
                target: { top1Agreement: 1 - pct / 100, meanAbsPctDiff: pct },
            });

        it("makes a smaller circuit when more may be lost", () => {
            const sizes = [0.5, 2, 5].map((pct) => find(pct).plan.constraints.total);

            expect(sizes).to.deep.equal(sizes.toSorted((a, b) => b - a));
            expect(sizes[2]).to.be.below(sizes[0] ?? 0);
        });

        it("reaches its target", () => {
            const { accuracy } = find(2);

            expect(accuracy.top1Agreement).to.be.at.least(0.98);
            expect(accuracy.meanAbsPctDiff).to.be.at.most(2);
        });

        it("takes the most accurate when nothing reaches the target", () => {
            const { accuracy } = find(0);
            const [finest] = [find(0.2)];

            expect(accuracy.meanAbsPctDiff).to.be.at.most(finest?.accuracy.meanAbsPctDiff ?? 0);
        });
    });
});
