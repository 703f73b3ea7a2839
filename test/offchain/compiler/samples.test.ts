/** Twelve small public models: each compiles, and circuit, interpreter and onnxruntime agree on it. */
import { existsSync, readFileSync } from "node:fs";
import { encodeTensor, eOf, wordsOf } from "@assay/protocol";
import { expect } from "chai";
import { z } from "zod";
import { circuitOf } from "../../../offchain/compiler/buildCircuit.ts";
import { createInterpreter } from "../../../offchain/compiler/integer/interpret.ts";
import { readOnnx } from "../../../offchain/compiler/onnx/readOnnx.ts";
import { createSession } from "../../../offchain/compiler/onnx/session.ts";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { createWitnessCalculator } from "../../../offchain/compiler/proving/witness.ts";
import { createCalibration } from "../../../offchain/compiler/quantise/calibration.ts";
import { chooseInputFormats, quantiseSample } from "../../../offchain/compiler/quantise/inputFormats.ts";
import { findQuantisation } from "../../../offchain/compiler/quantise/search.ts";
import { readModel } from "../../../offchain/compiler/readModel.ts";
import { integerModel } from "../../../offchain/compiler/runtime/integerModel.ts";

const SAMPLES = new URL("../../../../shared/onnx-samples/", import.meta.url);
const NAMES = [
    ...["1l_average", "1l_batch_norm", "1l_leakyrelu", "1l_max_pool", "1l_mlp", "1l_sigmoid", "1l_softmax"],
    ...["2l_relu_sigmoid_conv", "4l_relu_conv_fc", "decision_tree", "linear_regression", "xgboost_reg"],
];
/** Samples whose circuit is solved and its public words compared; the rest are compared without it. */
const SOLVED = 10;
/** What a bound circuit evaluates its words at. */
const CHALLENGE = 2n;
const SLOW_MS = 60_000;

const inputFile = z.object({ input_data: z.array(z.array(z.number())) });

describe("public ONNX models", () => {
    if (!existsSync(SAMPLES)) {
        it("are not tested: ../shared/onnx-samples is absent");
        return;
    }
    for (const name of NAMES) {
        it(name, async () => {
            const onnx = readFileSync(new URL(`${name}/network.onnx`, SAMPLES));
            const { input_data } = inputFile.parse(
                JSON.parse(readFileSync(new URL(`${name}/input.json`, SAMPLES), "utf8")),
            );
            const source = readOnnx(onnx);
            const graph = readModel(source);
            const calibration = createCalibration({ given: input_data, graph });
            const formats = chooseInputFormats({ graph, calibration, bits: 8 });
            const target = { top1Agreement: 0.99, meanAbsPctDiff: 1 };

            const { analysis, ioSpec, plan, accuracy } = findQuantisation({
                graph,
                calibration,
                formats,
                weightBits: 8,
                target,
            });

            const names = {
                inputs: graph.inputs.map(({ tensor }) => tensor),
                outputs: graph.outputs.map((output) => output.name),
            };
            const session = await createSession(writeOnnx(integerModel({ analysis, ioSpec, names })));
            const interpreter = createInterpreter(analysis);
            const calculator = createWitnessCalculator(circuitOf({ plan, name }).system);
            try {
                for (const [index, sample] of calibration.samples.slice(0, 50).entries()) {
                    const x = quantiseSample({ graph: analysis.graph, formats, sample });
                    const values = interpreter.run(x);
                    expect(await session.runIntegers(x)).to.deep.equal(values);
                    if (index >= SOLVED) continue;
                    const r = plan.binding.isBound ? { r: [CHALLENGE] } : {};
                    const { wire } = calculator.calculate({ x, bind: [1n], ...r });
                    const input = encodeTensor({ dtype: ioSpec.input.dtype, values: x });
                    const output = encodeTensor({ dtype: ioSpec.output.dtype, values });
                    const [inputWords, outputWords] = [
                        wordsOf({ dtype: ioSpec.input.dtype, bytes: input }),
                        wordsOf({ dtype: ioSpec.output.dtype, bytes: output }),
                    ];
                    const e = eOf({ words: [...inputWords, ...outputWords], r: CHALLENGE });
                    const wanted = plan.binding.isBound ? [wire(1), e] : [...outputWords, ...inputWords];
                    expect(wanted.map((_, signal) => wire(1 + signal))).to.deep.equal(wanted);
                }
            } finally {
                await session.close();
            }
            expect(accuracy.meanAbsPctDiff).to.be.at.most(2.6);
        }).timeout(SLOW_MS);
    }
});
