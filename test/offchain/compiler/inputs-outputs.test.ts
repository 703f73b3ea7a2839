/** Models of several inputs and outputs, tables of mixed units, and inputs that are whole numbers. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { compileModel, createInterpreter, createSession, loadModel, quantiseInput, rebuildKey } from "@assay/compiler";
import { decodeIntegers, decodeIoSpec, hexToBytes, sideDtype } from "@assay/protocol";
import { expect } from "chai";
import { MODEL_FILES } from "../../../offchain/compiler/files.ts";
import { createFloatEvaluator } from "../../../offchain/compiler/graph/evaluate.ts";
import { importOnnx } from "../../../offchain/compiler/graph/importOnnx.ts";
import { analyse } from "../../../offchain/compiler/integer/analyse.ts";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import type { OnnxModel } from "../../../offchain/compiler/onnx/model.ts";
import { readOnnx } from "../../../offchain/compiler/onnx/readOnnx.ts";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { createCalibration } from "../../../offchain/compiler/quantise/calibration.ts";
import { chooseInputFormats, joinFormats } from "../../../offchain/compiler/quantise/inputFormats.ts";
import { readModel } from "../../../offchain/compiler/readModel.ts";
import { expectNear } from "../../support/near.ts";
import { thrownBy } from "./_faults.ts";
import { aFloatModel, aFloatTensor, anMlp } from "./_floatModels.ts";
import { createRandom } from "./_integerGraphs.ts";
import { aModel, aNode } from "./_models.ts";
import { inTempDir } from "./_tempDir.ts";

const MODELS = new URL("../../../models/", import.meta.url);
const SLOW_MS = 30_000;

/** y = a W + b, z = Relu(a W), k = ArgMax(y): a is real, b counts. */
function twoInTwoOut(): OnnxModel {
    return aModel({
        opset: 13,
        nodes: [
            aNode("MatMul", { inputs: ["a", "w"], output: "p" }),
            aNode("Cast", { inputs: ["b"], output: "c", attributes: { to: BigInt(DTYPE.FLOAT) } }),
            aNode("Add", { inputs: ["p", "c"], output: "y" }),
            aNode("Relu", { inputs: ["p"], output: "z" }),
            aNode("ArgMax", { inputs: ["y"], output: "k", attributes: { axis: 1n, keepdims: 0n } }),
        ],
        initializers: new Map([["w", aFloatTensor({ shape: [3, 2], seed: 2 })]]),
        inputs: [
            { name: "a", dtype: DTYPE.FLOAT, shape: ["batch", 3] },
            { name: "b", dtype: DTYPE.INT64, shape: [1, 2] },
        ],
        outputs: [
            { name: "y", dtype: DTYPE.FLOAT, shape: ["batch", 2] },
            { name: "z", dtype: DTYPE.FLOAT, shape: ["batch", 2] },
            { name: "k", dtype: DTYPE.INT64, shape: ["batch"] },
        ],
    });
}

/** Samples of [a], [b], [a], [b], … */
function someLists(count: number): number[][] {
    const random = createRandom(4);
    return Array.from({ length: count }, () => [
        Array.from({ length: 3 }, () => random.integer(-3000, 3000) / 1000),
        Array.from({ length: 2 }, () => random.integer(0, 9)),
    ]).flat();
}

describe("inputs and outputs", () => {
    it("of several tensors compile, prove and run as one side each", async () => {
        await inTempDir(async (dir) => {
            const onnx = writeOnnx(twoInTwoOut());
            const outDir = join(dir, "out");

            const manifest = await compileModel({ onnx, name: "sides", outDir, calibration: someLists(40) });

            expect(manifest.inputs.map(({ name, shape }) => [name, shape])).to.deep.equal([
                ["a", [1, 3]],
                ["b", [1, 2]],
            ]);
            expect(manifest.outputs.map(({ name, argmax }) => [name, argmax])).to.deep.equal([
                ["y", false],
                ["z", false],
                ["k", true],
            ]);
            expect(new Set(manifest.inputs.map(({ dtype }) => dtype)).size).to.equal(1);
            expect(manifest.inputs[1]).to.deep.include({ scaleLog2: 0, zeroPoint: 0n, min: 0n, max: 15n });
            expect(manifest.quantisation.calibration).to.equal("given");
            const { graph } = await loadModel(outDir);
            const input = quantiseInput(manifest, [0.5, -1.25, 2, 3, 9]);
            const interpreter = createInterpreter(analyse(graph));
            const session = await createSession(await readFile(join(outDir, MODEL_FILES.artifact)));
            try {
                expect(session.inputs.map(({ name }) => name)).to.deep.equal(["a", "b"]);
                expect(session.outputs.map(({ name }) => name)).to.deep.equal(["y", "z", "k"]);
                expect(await session.runIntegers(input)).to.deep.equal(interpreter.run(input));
            } finally {
                await session.close();
            }
            const ioSpec = decodeIoSpec(manifest.ioSpec);
            const known = hexToBytes(manifest.knownAnswer.output);
            expect(decodeIntegers({ dtype: sideDtype(ioSpec.output).name, bytes: known })).to.have.length(5);
            const key = await rebuildKey({ modelDir: outDir, onnx });
            expect(key).to.deep.equal(new Uint8Array(await readFile(join(outDir, MODEL_FILES.verifyingKey))));
        });
    }).timeout(SLOW_MS);

    it("of calibration are one list for each input and sample", () => {
        const graph = readModel(twoInTwoOut());

        const fault = thrownBy(() => createCalibration({ given: [[1, 2, 3]], graph }));

        expect(fault.code).to.equal("CALIBRATION_INVALID");
        expect(fault.message).to.contain("1 lists are given; the model takes 2 for each sample");
        const wrong = thrownBy(() => createCalibration({ given: [[1, 2, 3], [1]], graph }));
        expect(wrong.message).to.contain("Sample 0, input 1 has 1 elements; the model takes 2");
    });

    it("of one sample only show a range, which is widened four times", () => {
        const graph = readModel(anMlp({ sizes: [3, 1] }));

        const calibration = createCalibration({ given: [[-1, 0.5, 3]], graph });

        expect(calibration).to.deep.include({ kind: "input", ranges: [{ lo: -7, hi: 9 }] });
        expect(calibration.samples[0]).to.deep.equal([-1, 0.5, 3]);
        const bytes = { ...anMlp({ sizes: [3, 1] }), inputs: [{ name: "x", dtype: DTYPE.UINT8, shape: [1, 3] }] };
        const ofBytes = createCalibration({ given: [[1, 2, 200]], graph: importOnnx(bytes) });
        expect(ofBytes.ranges).to.deep.equal([{ lo: 0, hi: 255 }]);
        for (const sample of calibration.samples) {
            for (const value of sample) expect(value).to.be.within(-7, 9);
        }
    });

    it("that are whole numbers stay whole, whatever the bits", () => {
        const graph = readModel(twoInTwoOut());
        const lists = someLists(20).map((list, index) => (index % 2 === 1 ? [1000, 5] : list));

        const formats = chooseInputFormats({ graph, calibration: createCalibration({ given: lists, graph }), bits: 4 });

        expect(formats.get("b")).to.deep.include({ bits: 10, scaleLog2: 0, zeroPoint: 0n, min: 0n, max: 1023n });
        expect(formats.get("a")).to.deep.include({ bits: 4, min: -8n, max: 7n });
        expect(joinFormats(formats)).to.deep.equal({ dtype: DTYPE.INT16, bits: 11 });
    });

    describe("of a table whose columns have different units", () => {
        const model = aFloatModel({
            input: [1, 4],
            output: [1, 2],
            nodes: [
                aNode("Sub", { inputs: ["x", "mean"], output: "d" }),
                aNode("Div", { inputs: ["d", "deviation"], output: "n" }),
                aNode("MatMul", { inputs: ["n", "w"], output: "p" }),
                aNode("Relu", { inputs: ["p"], output: "r" }),
                aNode("MatMul", { inputs: ["r", "u"], output: "y" }),
            ],
            constants: {
                mean: aFloatTensor({ shape: [4], values: [0.05, 1200, 0.5, 2010] }),
                deviation: aFloatTensor({ shape: [4], values: [0.02, 500, 0.5, 6] }),
                w: aFloatTensor({ shape: [4, 8], seed: 3 }),
                u: aFloatTensor({ shape: [8, 2], seed: 5 }),
            },
        });
        const random = createRandom(8);
        const rows = Array.from({ length: 60 }, () => [
            random.integer(0, 1000) / 10_000,
            random.integer(100, 3000) + random.integer(0, 99) / 100,
            random.integer(0, 1),
            random.integer(1990, 2025),
        ]);

        it("each column has a scale of its own, and the scores are close to the float model's", async () => {
            await inTempDir(async (dir) => {
                const outDir = join(dir, "out");
                const onnx = writeOnnx(model);

                const manifest = await compileModel({ onnx, name: "table", outDir, calibration: rows });

                const scales = manifest.inputs[0]?.columns?.map(({ scaleLog2 }) => scaleLog2) ?? [];
                expect(scales).to.have.length(4);
                expect((scales[0] ?? 0) - (scales[1] ?? 0)).to.be.at.least(10);
                expect(manifest.quantisation.meanAbsPctDiff).to.be.below(1);
                const evaluator = createFloatEvaluator(readModel(readOnnx(onnx)));
                const { graph } = await loadModel(outDir);
                const interpreter = createInterpreter(analyse(graph));
                const { scaleLog2 = 0 } = manifest.outputs[0] ?? {};
                for (const row of rows.slice(0, 10)) {
                    const values = interpreter.run(quantiseInput(manifest, row));
                    const wanted = evaluator.trace(row).get("y") ?? [];
                    for (const [index, value] of values.entries()) {
                        const actual = Number(value) * 2 ** -scaleLog2;
                        expectNear({ actual, wanted: wanted[index] ?? 0, tolerance: 0.3 });
                    }
                }
                expect(await rebuildKey({ modelDir: outDir, onnx })).to.deep.equal(
                    new Uint8Array(await readFile(join(outDir, MODEL_FILES.verifyingKey))),
                );
            });
        }).timeout(SLOW_MS);

        it("a value beyond its column is refused by the column's own range", async () => {
            await inTempDir(async (dir) => {
                const job = { onnx: writeOnnx(model), name: "table", outDir: join(dir, "out"), calibration: rows };
                const manifest = await compileModel(job);

                const fault = thrownBy(() => quantiseInput(manifest, [5, 1000, 1, 2000]));

                expect(fault.code).to.equal("MODEL_INPUT_RANGE");
                expect(fault.message).to.contain('Element 0 of "x" is 5, outside 0..');
            });
        }).timeout(SLOW_MS);

        it("columns of real tables are parted only where that is worth it", () => {
            for (const [name, columns] of Object.entries({ diabetes: 10, wine: 13, "tabular-mlp": 0 })) {
                const graph = readModel(readOnnx(readFileSync(new URL(`${name}.onnx`, MODELS))));
                const file = readFileSync(new URL(`${name}.calibration.json`, MODELS), "utf8");
                const calibration = createCalibration({ given: JSON.parse(file).input_data, graph });

                const [format] = chooseInputFormats({ graph, calibration, bits: 8 }).values();

                expect(format?.columns ?? [], name).to.have.length(columns);
            }
        });

        it("columns are left together where something else than weights reads them", () => {
            const squashed = { ...model, nodes: [aNode("Sigmoid", { inputs: ["x"], output: "y" })] };
            const graph = readModel({ ...squashed, outputs: [{ name: "y", dtype: DTYPE.FLOAT, shape: [1, 4] }] });

            const formats = chooseInputFormats({
                graph,
                calibration: createCalibration({ given: rows, graph }),
                bits: 8,
            });

            expect(formats.get("x")?.columns).to.equal(undefined);
        });
    });
});
