import { expect } from "chai";
import type { FloatGraph } from "../../../offchain/compiler/graph/types.ts";
import { analyse } from "../../../offchain/compiler/integer/analyse.ts";
import { createInterpreter } from "../../../offchain/compiler/integer/interpret.ts";
import { found, type IntegerGraph } from "../../../offchain/compiler/integer/types.ts";
import { DTYPE, type Dtype } from "../../../offchain/compiler/onnx/dtypes.ts";
import type { OnnxAttribute, OnnxModel, OnnxNode } from "../../../offchain/compiler/onnx/model.ts";
import { readOnnx } from "../../../offchain/compiler/onnx/readOnnx.ts";
import { createSession } from "../../../offchain/compiler/onnx/session.ts";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import type { InputFormat } from "../../../offchain/compiler/quantise/inputFormat.ts";
import { quantise } from "../../../offchain/compiler/quantise/quantise.ts";
import { readModel } from "../../../offchain/compiler/readModel.ts";
import { thrownBy } from "./_faults.ts";
import { createRandom } from "./_integerGraphs.ts";
import { aModel, aTensor } from "./_models.ts";
import { aNodeMessage, rawOnnx } from "./_rawOnnx.ts";
import { aPrecision, expectFloatGraph } from "./_treeRuns.ts";

/** Quarters in [-8, 8): what float32 and the integer graph both hold exactly. */
const QUARTERS: InputFormat = { dtype: DTYPE.INT8, bits: 6, min: -32n, max: 31n, scaleLog2: 2, zeroPoint: 0n };
const FEATURES = 4;

const floats = (...value: number[]): OnnxAttribute => ({ type: "floats", value });
const ints = (...value: number[]): OnnxAttribute => ({ type: "ints", value: value.map(BigInt) });
const text = (value: string): OnnxAttribute => ({ type: "string", value });

type Step = { op: string; attributes: Record<string, OnnxAttribute>; inputs?: string[]; outputs?: string[] };

/** Nodes of ai.onnx.ml one after the other, over one row of features. */
function aPipeline({
    steps,
    output,
    dtype = DTYPE.FLOAT,
    shape = [1, FEATURES],
}: {
    steps: Step[];
    output: string;
    dtype?: Dtype;
    shape?: number[];
}): OnnxModel {
    const nodes = steps.map(
        ({ op, attributes, inputs, outputs }, index): OnnxNode => ({
            op,
            domain: "ai.onnx.ml",
            name: op,
            inputs: inputs ?? [index === 0 ? "x" : `t${index - 1}`],
            outputs: outputs ?? [`t${index}`],
            attributes: new Map(Object.entries(attributes)),
        }),
    );
    return aModel({
        domains: new Map([["ai.onnx.ml", 3]]),
        nodes,
        initializers: new Map([["columns", aTensor({ type: "int64", shape: [3], values: [2n, 0n, 2n] })]]),
        inputs: [{ name: "x", dtype: DTYPE.FLOAT, shape: [1, FEATURES] }],
        outputs: [{ name: output, dtype, shape }],
    });
}

function integerGraph(model: OnnxModel): IntegerGraph {
    return quantise({ graph: readModel(model), precision: aPrecision(new Map([["x", QUARTERS]])) });
}

/** Expects the integer graph to give the reals that onnxruntime gives, within a part of 1 where some are rounded. */
async function expectClose(model: OnnxModel, within = 0): Promise<void> {
    const graph = integerGraph(model);
    const interpreter = createInterpreter(analyse(graph));
    const session = await createSession(writeOnnx(model));
    const random = createRandom(6);
    for (let sample = 0; sample < 60; sample++) {
        const row = Array.from({ length: FEATURES }, () => random.integer(-32, 31));
        const values = interpreter.trace(row.map(BigInt));
        const reals = graph.outputs.flatMap((name) => {
            const { scaleLog2 } = found({ map: graph.tensors, name });
            return found({ map: values, name }).map((value) => Number(value) * 2 ** -scaleLog2);
        });
        const given = await session.run([Float32Array.from(row, (value) => value / 4)]);
        const expected = given.flatMap((data) => [...data].map(Number));
        expect(reals).to.have.length(expected.length);
        for (const [index, real] of reals.entries()) {
            expect(Math.abs(real - (expected[index] ?? 0)), `${row} gives ${reals}, not ${expected}`).to.be.at.most(
                within,
            );
        }
    }
    await session.close();
}

const COEFFICIENTS = floats(1, -2, 0.5, 3, 0, 1, -1, 2, -3, 0.5, 1, 1);
const threeClasses = { coefficients: COEFFICIENTS, intercepts: floats(0.5, -1, 2), classlabels_ints: ints(0, 1, 2) };
const both = (op: string, attributes: Step["attributes"]): Step => ({ op, attributes, outputs: ["label", "scores"] });
const label = { output: "label", dtype: DTYPE.INT64, shape: [1] };

describe("classical models", () => {
    it("LinearRegressor gives onnxruntime's sums", async () => {
        const attributes = {
            coefficients: COEFFICIENTS,
            intercepts: floats(0.5, -1, 2),
            targets: { type: "int" as const, value: 3n },
        };
        await expectClose(aPipeline({ steps: [{ op: "LinearRegressor", attributes }], output: "t0", shape: [1, 3] }));
    });

    it("LinearClassifier gives onnxruntime's labels and scores", async () => {
        const steps = [both("LinearClassifier", threeClasses)];
        await expectClose(aPipeline({ steps, ...label }));
        await expectClose(aPipeline({ steps, output: "scores", shape: [1, 3] }));
        const odd = [both("LinearClassifier", { ...threeClasses, classlabels_ints: ints(4, 9, -3) })];
        await expectClose(aPipeline({ steps: odd, ...label }));
    });

    it("LinearClassifier with one score gives onnxruntime's labels and pair", async () => {
        const one = { coefficients: floats(1, -2, 0.5, 3), intercepts: floats(0.5) };
        for (const labels of [ints(0, 1), ints(7, 3)]) {
            const steps = [both("LinearClassifier", { ...one, classlabels_ints: labels })];
            await expectClose(aPipeline({ steps, ...label }));
            await expectClose(aPipeline({ steps, output: "scores", shape: [1, 2] }));
        }
    });

    it("LinearClassifier transforms scores as onnxruntime does", async () => {
        const random = createRandom(2);
        const rows = Array.from({ length: 20 }, () =>
            Array.from({ length: FEATURES }, () => random.integer(-8, 8) / 4),
        );
        for (const transform of ["LOGISTIC", "SOFTMAX"]) {
            const steps = [both("LinearClassifier", { ...threeClasses, post_transform: text(transform) })];
            await expectFloatGraph(aPipeline({ steps, output: "scores", shape: [1, 3] }), rows);
        }
    });

    it("Scaler, ArrayFeatureExtractor, Binarizer and Imputer give onnxruntime's features", async () => {
        const scaler: Step = {
            op: "Scaler",
            attributes: { offset: floats(0.5, 1, -2, 0), scale: floats(2, 1, 0.5, 4) },
        };
        await expectClose(aPipeline({ steps: [scaler], output: "t0" }));
        await expectClose(
            aPipeline({
                steps: [{ op: "Scaler", attributes: { offset: floats(1), scale: floats(0.5) } }],
                output: "t0",
            }),
        );
        const extractor: Step = { op: "ArrayFeatureExtractor", attributes: {}, inputs: ["x", "columns"] };
        await expectClose(aPipeline({ steps: [extractor], output: "t0", shape: [1, 3] }));
        await expectClose(
            aPipeline({
                steps: [{ op: "Binarizer", attributes: { threshold: { type: "float", value: 1.25 } } }],
                output: "t0",
            }),
        );
        const imputer = {
            imputed_value_floats: floats(0),
            replaced_value_float: { type: "float" as const, value: Number.NaN },
        };
        await expectClose(aPipeline({ steps: [{ op: "Imputer", attributes: imputer }], output: "t0" }));
    });

    it("Normalizer divides by the greatest, the sum of magnitudes or the length", async () => {
        const positive: Step = { op: "Scaler", attributes: { offset: floats(-9), scale: floats(1) } };
        for (const norm of ["MAX", "L1", "L2"]) {
            const steps = [positive, { op: "Normalizer", attributes: { norm: text(norm) } }];
            await expectClose(aPipeline({ steps, output: "t1" }), 0.02);
        }
    });

    it("LabelEncoder maps labels to numbers", async () => {
        const encoder: Step = {
            op: "LabelEncoder",
            inputs: ["label"],
            outputs: ["code"],
            attributes: {
                keys_int64s: ints(0, 2),
                values_int64s: ints(40, -7),
                default_int64: { type: "int", value: 5n },
            },
        };
        await expectClose(
            aPipeline({
                steps: [both("LinearClassifier", threeClasses), encoder],
                output: "code",
                dtype: DTYPE.INT64,
                shape: [1],
            }),
        );
    });

    it("ZipMap lets scores through and says whose they are", () => {
        const zip: Step = {
            op: "ZipMap",
            inputs: ["scores"],
            outputs: ["map"],
            attributes: { classlabels_int64s: ints(3, 5, 8) },
        };
        const model = aPipeline({ steps: [both("LinearClassifier", threeClasses), zip], output: "map", shape: [1, 3] });
        const graph: FloatGraph = readModel(model);

        expect(graph.notes.join()).to.contain("the scores come in the order of the classes 3, 5, 8");
        expect(graph.outputs[0]?.name).to.equal("map");
    });

    it("ZipMap's maps are read as the tensor of scores that they are made of", () => {
        const zip = aNodeMessage({ opType: "ZipMap", domain: "ai.onnx.ml", input: ["x"], output: ["y"] });
        const bytes = rawOnnx({ graph: { node: [zip], initializer: [], output: [{ name: "y", type: {} }] } });

        expect(readOnnx(bytes).outputs).to.deep.equal([{ name: "y", dtype: DTYPE.FLOAT, shape: undefined }]);
    });

    it("refuses forms without a meaning here, naming the node", () => {
        const refusals: [Step, string][] = [
            [
                {
                    op: "Imputer",
                    attributes: { imputed_value_floats: floats(0), replaced_value_float: { type: "float", value: 0 } },
                },
                "only a replaced value of NaN",
            ],
            [{ op: "Normalizer", attributes: { norm: text("L7") } }, 'norm is "L7"'],
            [
                { op: "LinearRegressor", attributes: { coefficients: floats(1, 2) } },
                "coefficients has 2 entries, not 4",
            ],
            [{ op: "Scaler", attributes: { offset: floats(1, 2), scale: floats(1) } }, "offset has 2 entries, not 4"],
            [{ op: "TreeEnsembleRegressor", attributes: {} }, "attribute nodes_treeids is missing"],
        ];
        for (const [step, says] of refusals) {
            const fault = thrownBy(() => readModel(aPipeline({ steps: [step], output: "t0" })));
            expect(fault.code).to.equal("MODEL_OP_FORM_UNSUPPORTED");
            expect(fault.message).to.contain(`node 0 (ai.onnx.ml.${step.op}`);
            expect(fault.message).to.contain(says);
        }
    });
});
