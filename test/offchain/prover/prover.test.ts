import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { analyse, compileModel, createInterpreter, loadModel, MODEL_FILES } from "@assay/compiler";
import {
    bindOf,
    bytesToHex,
    decodeIntegers,
    decodeIoSpec,
    encodeTensor,
    FIELD_ORDER,
    hexToBytes,
    isBound,
    isProtocolError,
    type ProtocolError,
    publicSignals,
    unboundBind,
    verifyGroth16,
} from "@assay/protocol";
import { createProver, type ProvenInference, type Prover } from "@assay/prover";
import { expect } from "chai";
import { z } from "zod";
import instances from "../../../circuits/circuits.json" with { type: "json" };
import { sha256 } from "../../../offchain/compiler/hash.ts";
import { someInputs } from "../compiler/_integerGraphs.ts";
import { inTempDir, MODEL_CACHE } from "../compiler/_tempDir.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const BIND = bindOf(`0x${"5c".repeat(32)}`);
const calibrationFile = z.object({ input_data: z.array(z.array(z.number())) });

/** Runs with a prover of a model of the repository, and closes it. */
async function withProver<T>(
    name: string,
    run: (parts: { prover: Prover; modelDir: string; inputs: (count: number) => Promise<Uint8Array[]> }) => Promise<T>,
): Promise<T> {
    return inTempDir(async (dir) => {
        const modelDir = await compileNamed({ name, dir });
        const { graph, manifest } = await loadModel(modelDir);
        const { dtype } = decodeIoSpec(manifest.ioSpec).input;
        const prover = await createProver({ modelDir });
        try {
            return await run({
                prover,
                modelDir,
                inputs: async (count) =>
                    someInputs({ graph, count, seed: 3 }).map((values) => encodeTensor({ dtype, values })),
            });
        } finally {
            await prover.close();
        }
    });
}

async function compileNamed({ name, dir }: { name: string; dir: string }): Promise<string> {
    const instance = instances.find((entry) => entry.name === name) ?? expect.fail(`no instance ${name}`);
    const read = (file: string) => readFile(join(ROOT, file));
    const { input_data } = calibrationFile.parse(JSON.parse((await read(instance.calibration)).toString()));
    const outDir = join(dir, name);
    const onnx = new Uint8Array(await read(instance.model));
    await compileModel({ onnx, name, outDir, calibration: input_data, cacheDir: MODEL_CACHE });
    return outDir;
}

/** Replaces a file and its hash in the manifest, as somebody with write access could. */
async function replaceFile({ modelDir, file, bytes }: { modelDir: string; file: string; bytes: Uint8Array }) {
    const path = join(modelDir, MODEL_FILES.manifest);
    const text = await readFile(path, "utf8");
    const before = sha256(await readFile(join(modelDir, file)));
    await writeFile(path, text.replace(before, sha256(bytes)));
    await writeFile(join(modelDir, file), bytes);
}

/** The fault of opening a directory for proving. */
async function openingFault(modelDir: string): Promise<ProtocolError> {
    return faultOf(createProver({ modelDir }).then((prover) => prover.close()));
}

/** The ProtocolError that a promise is rejected with. */
async function faultOf(promise: Promise<unknown>): Promise<ProtocolError> {
    return promise.then(
        () => expect.fail("no error"),
        (error: unknown) => {
            if (isProtocolError(error)) return error;
            throw error;
        },
    );
}

describe("createProver", function () {
    this.timeout(120_000); // compiles models when they are not cached

    for (const { name } of instances) {
        it(`proves what the interpreter computes, and the gate's signals: ${name}`, async () => {
            await withProver(name, async ({ prover, modelDir, inputs }) => {
                const { manifest, graph } = await loadModel(modelDir);
                const ioSpec = decodeIoSpec(manifest.ioSpec);
                const interpreter = createInterpreter(analyse(graph));
                const key = new Uint8Array(await readFile(join(modelDir, MODEL_FILES.verifyingKey)));
                for (const input of await inputs(2)) {
                    const { proof, c, output, signals } = await prover.prove({ input, bind: BIND });

                    const expected = interpreter.run(decodeIntegers({ dtype: ioSpec.input.dtype, bytes: input }));
                    expect(decodeIntegers({ dtype: ioSpec.output.dtype, bytes: output })).to.deep.equal(expected);
                    expect(c !== undefined).to.equal(isBound(ioSpec));
                    const rebuilt = publicSignals({ ioSpec, vkHash: manifest.vkHash, input, output, bind: BIND, c });
                    expect(signals).to.deep.equal(rebuilt);
                    expect(verifyGroth16({ key, signals, proof })).to.equal(true);
                    for (const [i, signal] of signals.entries()) {
                        const other = signals.with(i, (signal + 1n) % FIELD_ORDER);
                        expect(verifyGroth16({ key, signals: other, proof })).to.equal(false);
                    }
                }
            });
        });
    }

    describe("with a model directory whose parts do not belong together", () => {
        it("refuses to open it when the constraint system is another model's", async () => {
            await inTempDir(async (dir) => {
                const modelDir = await compileNamed({ name: "argmax-8-4-2", dir });
                const other = await compileNamed({ name: "digits", dir });
                const r1cs = await readFile(join(other, MODEL_FILES.r1cs));
                await replaceFile({ modelDir, file: MODEL_FILES.r1cs, bytes: r1cs });

                expect((await openingFault(modelDir)).code).to.equal("MODEL_DIR_INVALID");
            });
        });

        it("refuses to open it when the circuit computes something else than the graph", async () => {
            await inTempDir(async (dir) => {
                const modelDir = await compileNamed({ name: "argmax-8-4-2", dir });
                const graph = await readFile(join(modelDir, MODEL_FILES.graph), "utf8");
                const changed = graph.replace(
                    /("bias":\["-?\d+",")(-?\d+)("\]\},\{"op":"argMax")/, // of the second of two scores
                    (_, before, bias, after) => `${before}${BigInt(bias) + 1n}${after}`,
                );
                expect(changed).not.to.equal(graph);
                await replaceFile({ modelDir, file: MODEL_FILES.graph, bytes: Buffer.from(changed) });

                expect((await openingFault(modelDir)).code).to.equal("MODEL_DIR_INVALID");
            });
        });
    });

    describe("with a packed model", () => {
        const NAME = "argmax-8-4-2";

        it("gives a fresh proof each time, several at once", async () => {
            await withProver(NAME, async ({ prover, modelDir, inputs }) => {
                const key = new Uint8Array(await readFile(join(modelDir, MODEL_FILES.verifyingKey)));
                const [input = new Uint8Array()] = await inputs(1);

                const binds = [BIND, BIND, 0n, FIELD_ORDER - 1n];
                const proven = await Promise.all(binds.map((bind) => prover.prove({ input, bind })));

                for (const { signals, proof } of proven) expect(verifyGroth16({ key, signals, proof })).to.equal(true);
                const [first, second] = proven as [ProvenInference, ProvenInference];
                expect(first.proof).not.to.deep.equal(second.proof);
                expect(first.signals).to.deep.equal(second.signals);
            });
        });

        it("proves the known answer again", async () => {
            await withProver(NAME, async ({ prover, modelDir }) => {
                const { manifest } = await loadModel(modelDir);
                const input = hexToBytes(manifest.knownAnswer.input);
                const { output } = await prover.prove({ input, bind: unboundBind(manifest.vkHash) });

                expect(bytesToHex(output)).to.equal(manifest.knownAnswer.output);
            });
        });

        it("refuses an input of another length", async () => {
            await withProver(NAME, async ({ prover, inputs }) => {
                const [input = new Uint8Array()] = await inputs(1);
                for (const wrong of [new Uint8Array(), input.slice(1), new Uint8Array(input.length + 1)]) {
                    const { code, message } = await faultOf(prover.prove({ input: wrong, bind: BIND }));

                    expect(code).to.equal("TENSOR_LENGTH");
                    expect(message).to.include(`${wrong.length} bytes, the model takes ${input.length}`);
                }
            });
        });

        it("refuses a bind that is no field element", async () => {
            await withProver(NAME, async ({ prover, inputs }) => {
                const [input = new Uint8Array()] = await inputs(1);
                for (const bind of [-1n, FIELD_ORDER, 1n << 256n]) {
                    expect((await faultOf(prover.prove({ input, bind }))).code).to.equal("PROVER_BIND_INVALID");
                }
            });
        });

        it("refuses work after it was closed, and closes twice", async () => {
            await withProver(NAME, async ({ prover, inputs }) => {
                const [input = new Uint8Array()] = await inputs(1);
                const underWay = prover.prove({ input, bind: BIND });
                await prover.close();
                await prover.close();

                expect((await underWay).signals.at(-1)).to.equal(BIND);
                expect((await faultOf(prover.prove({ input, bind: BIND }))).code).to.equal("PROVER_CLOSED");
            });
        });

        it("goes on when another prover is closed", async () => {
            await withProver(NAME, async ({ prover, modelDir, inputs }) => {
                const [input = new Uint8Array()] = await inputs(1);
                const other = await createProver({ modelDir });
                const underWay = prover.prove({ input, bind: BIND });
                await other.close();

                expect((await underWay).signals.at(-1)).to.equal(BIND);
                expect((await prover.prove({ input, bind: 1n })).signals.at(-1)).to.equal(1n);
            });
        });

        it("refuses a model directory that was changed", async () => {
            await inTempDir(async (dir) => {
                const modelDir = await compileNamed({ name: NAME, dir });
                const file = join(modelDir, MODEL_FILES.provingKey);
                const bytes = await readFile(file);
                bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
                await writeFile(file, bytes);

                expect((await faultOf(createProver({ modelDir }))).code).to.equal("MODEL_DIR_INVALID");
            });
        });
    });
});
