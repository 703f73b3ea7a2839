import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createInterpreter, createSession, MODEL_FILES, quantiseInput } from "@assay/compiler";
import { decodeIntegers, encodeTensor } from "@assay/protocol";
import { expect } from "chai";
import { z } from "zod";
import { prepareModel } from "../../../offchain/compiler/buildModel.ts";
import { analyse } from "../../../offchain/compiler/integer/analyse.ts";
import { at } from "../../../offchain/compiler/integer/at.ts";
import { decodeGraph } from "../../../offchain/compiler/integer/serialise.ts";
import { found } from "../../../offchain/compiler/integer/types.ts";
import { DTYPE } from "../../../offchain/compiler/onnx/dtypes.ts";
import { parseOptions } from "../../../offchain/compiler/options.ts";
import { realsOf } from "../../../offchain/compiler/quantise/accuracy.ts";
import { someInputs } from "./_integerGraphs.ts";

const MODELS = fileURLToPath(new URL("../../../models/", import.meta.url));
const SLOW_MS = 120_000;
const calibrationFile = z.object({ input_data: z.array(z.array(z.number())) });
const samplesFile = z.object({ samples: z.array(z.object({ input: z.array(z.number()), label: z.number() })) });

/** Most constraints of the model, input range checks included, binding not. */
const BUDGETS = {
    "tabular-mlp": 700,
    "gbt-100x4": 4_500,
    wine: 400,
    diabetes: 100,
    "digits-cnn": 5_500,
    "mlp-784-128-10": 10_500,
};

/** Of the greatest answer. */
const MEAN_DIFFERENCE = 0.026;

const readJson = async <S extends z.ZodType>(file: string, schema: S): Promise<z.output<S>> =>
    schema.parse(JSON.parse(await readFile(join(MODELS, file), "utf8")));

/** A model of models/, compiled up to its key. */
async function prepared(name: string) {
    const onnx = new Uint8Array(await readFile(join(MODELS, `${name}.onnx`)));
    const { input_data: calibration } = await readJson(`${name}.calibration.json`, calibrationFile);
    const watch = { onProgress: () => undefined, onPlan: () => undefined, signal: undefined };
    const { draft, files } = prepareModel({ onnx, options: parseOptions({ name }), calibration, ...watch });
    const graph = decodeGraph(new TextDecoder().decode(found({ map: files, name: MODEL_FILES.graph })));
    const artifact = found({ map: files, name: MODEL_FILES.artifact });
    return { onnx, draft, graph, artifact, interpreter: createInterpreter(analyse(graph)) };
}

type Prepared = Awaited<ReturnType<typeof prepared>>;

/** What the integer model says of one input, in real numbers. */
function integerAnswer({ draft, graph, interpreter }: Prepared, input: readonly number[]): number[] {
    return realsOf({ graph, values: interpreter.trace(quantiseInput(draft, input)), tensor: at(graph.outputs, 0) });
}

/** Runs the float model in onnxruntime. */
async function floatAnswers({ onnx }: Prepared, inputs: readonly number[][]): Promise<number[][]> {
    const session = await createSession(onnx);
    const answers: number[][] = [];
    for (const input of inputs) answers.push(Array.from(at(await session.run([Float32Array.from(input)]), 0), Number));
    await session.close();
    return answers;
}

describe("trained models", () => {
    for (const [name, budget] of Object.entries(BUDGETS)) {
        describe(name, () => {
            let model: Prepared;
            before(async function () {
                this.timeout(SLOW_MS);
                model = await prepared(name);
            });

            it(`needs at most ${budget} constraints, and its inputs determine every wire`, () => {
                expect(model.draft.constraints.model).to.be.at.most(budget);
                expect(model.draft.uniqueness.unproven).to.be.empty;
            });

            it("computes the same in onnxruntime as in the interpreter", async () => {
                const { graph, artifact, interpreter, draft } = model;
                const session = await createSession(artifact);
                const [inputs, outputs] = [at(draft.schema.inputs, 0), at(draft.schema.outputs, 0)];

                for (const values of someInputs({ graph, count: 50, seed: 3 })) {
                    const bytes = await session.runBytes(encodeTensor({ dtype: inputs.dtype, values }));
                    expect(decodeIntegers({ dtype: outputs.dtype, bytes })).to.deep.equal(interpreter.run(values));
                }
                await session.close();
            }).timeout(SLOW_MS);

            it("answers inputs that training never saw as the float model in onnxruntime does", async () => {
                const { samples } = await readJson(`${name}.samples.json`, samplesFile);
                const inputs = samples.map(({ input }) => input);

                const wanted = await floatAnswers(model, inputs);

                const scale = Math.max(...wanted.flat().map(Math.abs));
                const differences = inputs.flatMap((input, index) =>
                    integerAnswer(model, input).map((value, position) =>
                        Math.abs(value - at(at(wanted, index), position)),
                    ),
                );
                const mean = differences.reduce((sum, difference) => sum + difference, 0) / differences.length;
                expect(mean).to.be.at.most(MEAN_DIFFERENCE * scale);
            }).timeout(SLOW_MS);
        });
    }

    it("keep their labels: all samples of the classifiers but a few are answered right", async () => {
        for (const name of ["tabular-mlp", "gbt-100x4", "digits-cnn"]) {
            const model = await prepared(name);
            const { samples } = await readJson(`${name}.samples.json`, samplesFile);

            const right = samples.filter(({ input, label }) => integerAnswer(model, input)[0] === label);

            expect(right.length, name).to.be.at.least(samples.length - 1);
        }
    }).timeout(SLOW_MS);

    it("read float32, in the layout that models/README.md says", async () => {
        for (const name of Object.keys(BUDGETS)) {
            const session = await createSession(new Uint8Array(await readFile(join(MODELS, `${name}.onnx`))));

            expect(session.inputs.map((input) => [input.name, input.dtype])).to.deep.equal([["input", DTYPE.FLOAT]]);
            await session.close();
        }
    });
});
