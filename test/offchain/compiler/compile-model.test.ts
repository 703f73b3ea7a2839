import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
    type CompiledModel,
    compileModel,
    createSession,
    interpret,
    loadModel,
    MODEL_FILES,
    quantiseInput,
    rebuildKey,
    startCeremony,
} from "@assay/compiler";
import {
    contentHash,
    decodeIntegers,
    decodeIoSpec,
    hexToBytes,
    publicSignals,
    SEMANTICS,
    schemaHashOf,
    unboundBind,
    verifyGroth16,
    vkHashOf,
    ZERO_BYTES32,
} from "@assay/protocol";
import { expect } from "chai";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { rejection, thrownBy } from "./_faults.ts";
import { aFloatModel, aFloatTensor, anMlp } from "./_floatModels.ts";
import { aNode } from "./_models.ts";
import { inTempDir, MODEL_CACHE } from "./_tempDir.ts";

const CALIBRATION = [
    [0, 1, 2, 3],
    [15, 0, 7, 8],
    [1, 1, 1, 1],
];
const ONNX = writeOnnx(anMlp({ sizes: [4, 3, 2], argMax: true }));
const JOB = { onnx: ONNX, name: "tiny", calibration: CALIBRATION };
const SLOW_MS = 60_000;

/** One compilation for the tests that only read. */
async function withTiny<T>(run: (model: CompiledModel) => Promise<T>): Promise<T> {
    return inTempDir(async (dir) => {
        await compileModel({ ...JOB, outDir: join(dir, "tiny"), cacheDir: MODEL_CACHE });
        return run(await loadModel(join(dir, "tiny")));
    });
}

describe("compileModel", () => {
    it("writes a directory whose parts agree", async () => {
        await withTiny(async ({ dir, manifest, graph }) => {
            expect(await readdir(dir)).to.have.members(Object.values(MODEL_FILES));
            const key = new Uint8Array(await readFile(join(dir, MODEL_FILES.verifyingKey)));
            const { knownAnswer, vkHash, schema, schemaHash, ioSpec, artifact } = manifest;
            expect(vkHashOf(key)).to.equal(vkHash);
            expect(schemaHashOf(schema)).to.equal(schemaHash);
            const spec = {
                artifactDigest: artifact.sha256,
                ioSpec,
                schemaHash,
                semantics: SEMANTICS.EXACT_INT,
                vkHash,
                derivedFrom: ZERO_BYTES32,
            };
            expect(contentHash(spec)).to.equal(manifest.contentHash);

            const [input, output] = [hexToBytes(knownAnswer.input), hexToBytes(knownAnswer.output)];
            const signals = publicSignals({ ioSpec, vkHash, input, output, bind: unboundBind(vkHash) });
            expect(signals).to.have.length(manifest.signals);
            expect(verifyGroth16({ key, signals, proof: knownAnswer.proof })).to.equal(true);
            const { input: side } = decodeIoSpec(ioSpec);
            const values = decodeIntegers({ dtype: side.dtype, bytes: input });
            expect(values).to.deep.equal(quantiseInput(manifest, CALIBRATION[0] ?? []));
            expect(interpret(graph, values)).to.deep.equal(decodeIntegers({ dtype: "int64", bytes: output }));
        });
    }).timeout(SLOW_MS);

    it("describes input, output, words and layers", async () => {
        await withTiny(async ({ manifest }) => {
            expect(manifest.inputs).to.deep.equal([
                {
                    name: "x",
                    dtype: "uint8",
                    shape: [1, 4],
                    bits: 4,
                    min: 0n,
                    max: 15n,
                    scaleLog2: 0,
                    zeroPoint: 0n,
                },
            ]);
            expect(manifest.outputs[0]).to.deep.include({
                name: "y",
                dtype: "int64",
                shape: [1],
                argmax: true,
                interval: { lo: 0n, hi: 1n },
            });
            expect(manifest).to.deep.include({
                bound: false,
                signals: 3,
                setup: { kind: "dev", transcriptHash: manifest.files[MODEL_FILES.r1cs] },
            });
            expect(manifest.layers.map(({ op }) => op)).to.deep.equal([
                "input",
                "linear",
                manifest.layers[2]?.op,
                "linear",
                "argMax",
                "output",
            ]);
            const sum = manifest.layers.reduce((total, { constraints }) => total + constraints, 0);
            expect(manifest.constraints).to.deep.equal({ total: sum + 3, model: sum, binding: 3 });
            expect(manifest.quantisation).to.deep.include({ inputBits: 8, calibration: "given", samples: 3 });
            expect(manifest.quantisation.bits).to.be.within(3, 8);
        });
    }).timeout(SLOW_MS);

    it("gives the executor a model that runs on canonical bytes", async () => {
        await withTiny(async ({ dir, manifest }) => {
            const session = await createSession(new Uint8Array(await readFile(join(dir, MODEL_FILES.artifact))));

            expect(await session.runBytes(hexToBytes(manifest.knownAnswer.input))).to.deep.equal(
                hexToBytes(manifest.knownAnswer.output),
            );
            await session.close();
        });
    }).timeout(SLOW_MS);

    it("writes the same circuit, model and keys each time", async () => {
        await inTempDir(async (dir) => {
            await compileModel({ ...JOB, outDir: join(dir, "a") });
            await compileModel({ ...JOB, outDir: join(dir, "b") });

            for (const file of Object.values(MODEL_FILES)) {
                if (file === MODEL_FILES.manifest) continue; // its proof is randomised
                expect(await readFile(join(dir, "a", file)), file).to.deep.equal(await readFile(join(dir, "b", file)));
            }
        });
    }).timeout(SLOW_MS);

    it("proves real outputs, not only an arg-max", async () => {
        await inTempDir(async (outDir) => {
            const manifest = await compileModel({ ...JOB, onnx: writeOnnx(anMlp({ sizes: [4, 3] })), outDir });

            expect(manifest.outputs[0]?.argmax).to.equal(false);
            expect(manifest.outputs[0]?.dtype).to.be.oneOf(["int16", "int32"]);
            expect((manifest.outputs[0]?.interval.lo ?? 0n) < 0n).to.equal(true);
        });
    }).timeout(SLOW_MS);

    it("says that it assumed an input when it has no calibration", async () => {
        await inTempDir(async (outDir) => {
            const manifest = await compileModel({ onnx: ONNX, name: "tiny", outDir });

            expect(manifest.quantisation).to.deep.include({ calibration: "none", samples: 64 });
            expect(manifest.inputs[0]).to.deep.include({ dtype: "int8", min: -128n, max: 127n });
        });
    }).timeout(SLOW_MS);

    describe("cache", () => {
        it("gives the same directory without compiling again, unless an option differs or an entry was changed", async () => {
            await inTempDir(async (dir) => {
                const lines: string[] = [];
                const compile = (overrides: object) =>
                    compileModel({
                        ...JOB,
                        outDir: join(dir, "out"),
                        cacheDir: join(dir, "cache"),
                        onProgress: (line) => lines.push(line),
                        ...overrides,
                    });
                const first = await compile({});
                expect(lines).to.include("choosing scales");

                lines.length = 0;
                expect(await compile({})).to.deep.equal(first);
                expect(lines).to.deep.equal(["taken from the cache"]);
                expect((await loadModel(join(dir, "out"))).manifest).to.deep.equal(first);

                lines.length = 0;
                await compile({ bits: 7 });
                expect(lines).to.include("choosing scales");

                const entries = await readdir(join(dir, "cache"));
                for (const entry of entries) await writeFile(join(dir, "cache", entry, MODEL_FILES.graph), "{}");
                lines.length = 0;
                await compile({});
                expect(lines).to.include("choosing scales");
            });
        }).timeout(SLOW_MS);
    });

    it("may run several times at once with one cache", async () => {
        await inTempDir(async (dir) => {
            const jobs = ["a", "b", "c"].map((name) => ({
                ...JOB,
                outDir: join(dir, name),
                cacheDir: join(dir, "cache"),
            }));

            const manifests = await Promise.all(jobs.map(compileModel));

            for (const manifest of manifests) expect(manifest.vkHash).to.equal(manifests[0]?.vkHash);
            expect(await readdir(join(dir, "cache"))).to.have.length(1);
        });
    }).timeout(SLOW_MS);

    describe("rebuildKey", () => {
        it("recomputes the key from the directory and from the ONNX file, and refuses another file", async () => {
            await withTiny(async ({ dir, manifest }) => {
                const key = new Uint8Array(await readFile(join(dir, MODEL_FILES.verifyingKey)));

                expect(await rebuildKey({ modelDir: dir })).to.deep.equal(key);
                expect(await rebuildKey({ modelDir: dir, onnx: ONNX })).to.deep.equal(key);
                const other = writeOnnx(anMlp({ sizes: [4, 3, 2], argMax: true, seed: 99 }));
                const fault = await rejection(rebuildKey({ modelDir: dir, onnx: other }));
                expect(fault.code).to.equal("MODEL_SOURCE_MISMATCH");
                expect(fault.message).to.contain(`was compiled from ${manifest.source.sha256}`);
            });
        }).timeout(SLOW_MS);
    });

    describe("quantiseInput", () => {
        it("refuses another count, a value beyond the range and one that is no number", async () => {
            await withTiny(async ({ manifest }) => {
                const codeOf = (values: number[]) => thrownBy(() => quantiseInput(manifest, values));

                expect(codeOf([1, 2, 3]).code).to.equal("MODEL_INPUT_SHAPE");
                expect(codeOf([1, 2, 3, 16]).code).to.equal("MODEL_INPUT_RANGE");
                expect(codeOf([1, 2, 3, 16]).message).to.contain('Element 3 of "x" is 16, outside 0..15.');
                expect(codeOf([1, Number.NaN, 3, 4]).code).to.equal("MODEL_INPUT_RANGE");
            });
        }).timeout(SLOW_MS);
    });

    describe("loadModel", () => {
        it("refuses a directory with a changed, a missing or a foreign file", async () => {
            await withTiny(async ({ dir }) => {
                const refuse = async (says: string) => {
                    const fault = await rejection(loadModel(dir));
                    expect(fault.code).to.equal("MODEL_DIR_INVALID");
                    expect(fault.message).to.contain(says);
                };
                const manifestFile = join(dir, MODEL_FILES.manifest);
                const manifest = JSON.parse(await readFile(manifestFile, "utf8"));
                const graph = await readFile(join(dir, MODEL_FILES.graph));

                await writeFile(join(dir, MODEL_FILES.graph), `${graph} `);
                await refuse("graph.json was changed");
                await writeFile(join(dir, MODEL_FILES.graph), graph);
                await writeFile(
                    manifestFile,
                    JSON.stringify({ ...manifest, files: { ...manifest.files, "../secret": manifest.vkHash } }),
                );
                await refuse("../secret does not belong here");
                const { [MODEL_FILES.artifact]: _artifact, ...others } = manifest.files;
                await writeFile(manifestFile, JSON.stringify({ ...manifest, files: others }));
                await refuse("does not name model.onnx");
                await writeFile(manifestFile, JSON.stringify({ ...manifest, version: 2 }));
                await refuse("manifest.json");
            });
        }).timeout(SLOW_MS);
    });

    describe("leaves nothing behind when it refuses", () => {
        const infinite = { w: aFloatTensor({ shape: [4, 2], values: [1, 2, 3, Number.NaN, 5, 6, 7, 8] }) };
        const matMul = aNode("MatMul", { inputs: ["x", "w"], output: "y" });
        const nonZero = aFloatModel({
            input: [1, 4],
            output: [2, 4],
            nodes: [aNode("NonZero", { inputs: ["x"], output: "y" })],
        });
        const huge = aFloatModel({
            input: [1, 4],
            output: [1, 2],
            nodes: [aNode("Gemm", { inputs: ["x", "w", "b"], output: "y" })],
            constants: { w: aFloatTensor({ shape: [4, 2] }), b: aFloatTensor({ shape: [2], values: [1e30, 0] }) },
        });
        const CASES: { what: string; options: object; code: string }[] = [
            { what: "a file that is no ONNX model", options: { onnx: ONNX.subarray(0, 100) }, code: "ONNX_MALFORMED" },
            { what: "an unsupported operator", options: { onnx: writeOnnx(nonZero) }, code: "MODEL_OP_UNSUPPORTED" },
            {
                what: "a dynamic shape",
                options: { onnx: writeOnnx({ ...nonZero, inputs: [{ name: "x", dtype: 1, shape: [1, "n"] }] }) },
                code: "MODEL_SHAPE_DYNAMIC",
            },
            {
                what: "a weight that is NaN",
                options: {
                    onnx: writeOnnx(
                        aFloatModel({ input: [1, 4], output: [1, 2], nodes: [matMul], constants: infinite }),
                    ),
                },
                code: "MODEL_WEIGHT_NOT_FINITE",
            },
            { what: "sums beyond 63 bits", options: { onnx: writeOnnx(huge) }, code: "MODEL_INTERVAL_OVERFLOW" },
            { what: "calibration of another shape", options: { calibration: [[1, 2]] }, code: "CALIBRATION_INVALID" },
            { what: "too many bits", options: { bits: 25 }, code: "MODEL_OPTION_INVALID" },
            { what: "an empty name", options: { name: "" }, code: "MODEL_OPTION_INVALID" },
        ];
        for (const { what, options, code } of CASES) {
            it(what, async () => {
                await inTempDir(async (dir) => {
                    const fault = await rejection(
                        compileModel({ ...JOB, outDir: join(dir, "out"), cacheDir: join(dir, "cache"), ...options }),
                    );

                    expect(fault.code).to.equal(code);
                    expect(await readdir(dir)).to.deep.equal([]);
                });
            });
        }

        it("a directory that holds something else", async () => {
            await inTempDir(async (dir) => {
                await mkdir(join(dir, "out"));
                await writeFile(join(dir, "out", "thesis.txt"), "mine");

                const fault = await rejection(compileModel({ ...JOB, outDir: join(dir, "out") }));

                expect(fault.code).to.equal("MODEL_DIR_EXISTS");
                expect(await readdir(join(dir, "out"))).to.deep.equal(["thesis.txt"]);
            });
        });

        for (const kind of ["single", "ceremony"]) {
            it(`a compilation whose ${kind} key cannot be made again`, async () => {
                await withTiny(async ({ dir }) => {
                    const file = join(dir, MODEL_FILES.manifest);
                    const manifest = JSON.parse(await readFile(file, "utf8"));
                    const text = JSON.stringify({ ...manifest, setup: { ...manifest.setup, kind } });
                    await writeFile(file, text);
                    const lines: string[] = [];

                    const fault = await rejection(
                        compileModel({ ...JOB, outDir: dir, onProgress: (line) => lines.push(line) }),
                    );

                    expect(fault.code).to.equal("MODEL_DIR_EXISTS");
                    expect(fault.message).to.contain(`holds a ${kind} key, which cannot be made again`);
                    expect(fault.message).to.contain("name another --out");
                    expect(lines).to.deep.equal([]);
                    expect(await readFile(file, "utf8")).to.equal(text);
                });
            }).timeout(SLOW_MS);
        }

        it("a compilation whose manifest does not say how its key was made", async () => {
            await withTiny(async ({ dir }) => {
                await writeFile(join(dir, MODEL_FILES.manifest), "{}");

                const fault = await rejection(compileModel({ ...JOB, outDir: dir }));

                expect(fault.code).to.equal("MODEL_DIR_EXISTS");
                expect(fault.message).to.contain("does not say how its key was made");
            });
        }).timeout(SLOW_MS);

        it("no phase 1, or a file that is none, before it reads the model", async () => {
            await inTempDir(async (dir) => {
                const ptau = join(dir, "no.ptau");
                await writeFile(ptau, "no");
                const job = { ...JOB, onnx: new Uint8Array(), outDir: join(dir, "out") };
                const single = { ...job, setup: "single" as const };

                const faults = [
                    await rejection(compileModel(single)),
                    await rejection(compileModel({ ...single, ptau })),
                    await rejection(startCeremony(job)),
                    await rejection(startCeremony({ ...job, ptau })),
                ];

                const codes = faults.map(({ code }) => code);
                expect(codes).to.deep.equal(["PTAU_MISSING", "PTAU_INVALID", "PTAU_MISSING", "PTAU_INVALID"]);
                expect(await readdir(dir)).to.deep.equal(["no.ptau"]);
            });
        });

        it("an older compilation stays as it was", async () => {
            await withTiny(async ({ dir, manifest }) => {
                await rejection(compileModel({ ...JOB, outDir: dir, calibration: [[1]] }));

                expect((await loadModel(dir)).manifest).to.deep.equal(manifest);
            });
        }).timeout(SLOW_MS);
    });
});
