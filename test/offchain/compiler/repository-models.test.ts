import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
    analyse,
    type CompiledModel,
    compileModel,
    createInterpreter,
    createSession,
    describeInstance,
    loadModel,
    MODEL_FILES,
    openCircuit,
    quantiseInput,
} from "@assay/compiler";
import { decodeIntegers, decodeIoSpec, encodeTensor, isBound, publicSignals } from "@assay/protocol";
import { expect } from "chai";
import { z } from "zod";
import instances from "../../../circuits/circuits.json" with { type: "json" };
import { readR1cs } from "../../../offchain/compiler/circuit/system/readR1cs.ts";
import { someInputs } from "./_integerGraphs.ts";
import { inTempDir, MODEL_CACHE } from "./_tempDir.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const SLOW_MS = 120_000;
const calibrationFile = z.object({ input_data: z.array(z.array(z.number())) });
const samplesFile = z.object({ samples: z.array(z.object({ input: z.array(z.number()), label: z.number() })) });
type Instance = (typeof instances)[number];

const readText = (file: string) => readFile(join(ROOT, file), "utf8");

/** A model of circuits.json as its row says. */
async function withInstance<T>(
    { name, model, calibration }: Instance,
    run: (compiled: CompiledModel) => Promise<T>,
): Promise<T> {
    return inTempDir(async (dir) => {
        const outDir = join(dir, name);
        const { input_data } = calibrationFile.parse(JSON.parse(await readText(calibration)));
        const onnx = new Uint8Array(await readFile(join(ROOT, model)));
        await compileModel({ onnx, name, outDir, calibration: input_data, cacheDir: MODEL_CACHE });
        return run(await loadModel(outDir));
    });
}

describe("models of the repository", () => {
    for (const instance of instances) {
        describe(instance.name, () => {
            it("has the constraints and the key of circuits.json, within its budget", async () => {
                await withInstance(instance, async (compiled) => {
                    const { source, ...facts } = describeInstance(compiled);
                    const r1cs = new Uint8Array(await readFile(join(compiled.dir, MODEL_FILES.r1cs)));

                    const { name, model, calibration, file, constraintBudget, ...row } = instance;
                    expect(facts).to.deep.equal(row);
                    expect(readR1cs(r1cs).constraintCount).to.equal(row.constraints.total);
                    expect(row.constraints.model).to.be.at.most(constraintBudget);
                    expect(await readText(file)).to.equal(source);
                });
            }).timeout(SLOW_MS);

            it("computes the same in onnxruntime as in the interpreter, extremes included", async () => {
                await withInstance(instance, async ({ dir, graph, manifest }) => {
                    const ioSpec = decodeIoSpec(manifest.ioSpec);
                    const session = await createSession(
                        new Uint8Array(await readFile(join(dir, MODEL_FILES.artifact))),
                    );
                    const interpreter = createInterpreter(analyse(graph));

                    for (const input of someInputs({ graph, count: 60, seed: 1 })) {
                        const bytes = await session.runBytes(
                            encodeTensor({ dtype: ioSpec.input.dtype, values: input }),
                        );
                        const values = decodeIntegers({ dtype: ioSpec.output.dtype, bytes });
                        expect(values).to.deep.equal(interpreter.run(input));
                    }
                    await session.close();
                });
            }).timeout(SLOW_MS);

            it("computes the same in the circuit, and gives the signals that the gate rebuilds", async () => {
                await withInstance(instance, async (model) => {
                    const { graph, manifest } = model;
                    const calculator = openCircuit(model);
                    const interpreter = createInterpreter(analyse(graph));
                    const ioSpec = decodeIoSpec(manifest.ioSpec);
                    for (const x of someInputs({ graph, count: 3, seed: 2 })) {
                        const parts = {
                            ioSpec,
                            vkHash: manifest.vkHash,
                            input: encodeTensor({ dtype: ioSpec.input.dtype, values: x }),
                            output: encodeTensor({ dtype: ioSpec.output.dtype, values: interpreter.run(x) }),
                            bind: 42n,
                        };
                        const any = isBound(ioSpec) ? { r: [0n] } : {};
                        const first = calculator.calculate({ x, bind: [42n], ...any });
                        const signals = publicSignals({ ...parts, c: isBound(ioSpec) ? first.wire(1) : undefined });
                        const challenge = isBound(ioSpec) ? { r: signals.slice(2, 3) } : {};
                        const { wire } = calculator.calculate({ x, bind: [42n], ...challenge });
                        expect(signals.map((_, index) => wire(index + 1))).to.deep.equal(signals);
                    }
                });
            }).timeout(SLOW_MS);

            it("answers its sample inputs as labelled", async () => {
                await withInstance(instance, async ({ graph, manifest }) => {
                    const interpreter = createInterpreter(analyse(graph));
                    const { samples } = samplesFile.parse(
                        JSON.parse(await readText(instance.model.replace(".onnx", ".samples.json"))),
                    );

                    const answers = samples.map(({ input }) =>
                        Number(interpreter.run(quantiseInput(manifest, input))[0]),
                    );

                    expect(answers).to.deep.equal(samples.map(({ label }) => label));
                });
            }).timeout(SLOW_MS);
        });
    }
});
