import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compileModel, loadModel, MODEL_FILES, rebuildKey } from "@assay/compiler";
import { decodeIoSpec, encodeIoSpec, type ProtocolError, uintToHex } from "@assay/protocol";
import { expect } from "chai";
import { lower } from "../../offchain/compiler/circuit/lower.ts";
import { templateName } from "../../offchain/compiler/circuit/names.ts";
import { analyse } from "../../offchain/compiler/integer/analyse.ts";
import { DTYPE } from "../../offchain/compiler/onnx/dtypes.ts";
import { assay } from "../offchain/cli/_assay.ts";
import { rejection, thrownBy } from "../offchain/compiler/_faults.ts";
import { inTempDir } from "../offchain/compiler/_tempDir.ts";
import { editManifest, JOB, replaceFile, withModel } from "./_modelDir.ts";

type Lied = { inputs: [object]; outputs: [object] };

describe("attacks on a compiled model's directory", function () {
    this.timeout(60_000); // circuits are compiled

    describe("words that two tensors share", () => {
        it("are not planned: an output wider than its element type is refused", async () => {
            await withModel(async (dir) => {
                const { manifest, graph } = await loadModel(dir);
                const ioSpec = decodeIoSpec(manifest.ioSpec);
                const narrow = { ...ioSpec, output: { ...ioSpec.output, dtype: DTYPE.INT8, bits: 8 } };

                const fault = thrownBy(() => lower({ analysis: analyse(graph), ioSpec: narrow }));

                expect(fault.code).to.equal("MODEL_INTERVAL_OVERFLOW");
            });
        });

        it("are not planned: an input wider than its element type is refused", async () => {
            await withModel(async (dir) => {
                const { manifest, graph } = await loadModel(dir);
                const [input] = graph.inputs;
                const wide = { ...graph, inputs: [{ tensor: input?.tensor ?? "", min: 0n, max: 256n }] };

                const fault = thrownBy(() => lower({ analysis: analyse(wide), ioSpec: decodeIoSpec(manifest.ioSpec) }));

                expect(fault.code).to.equal("MODEL_INTERVAL_OVERFLOW");
            });
        });
    });

    describe("rebuilding the key does not accept", () => {
        const refuse = async ({ dir, says }: { dir: string; says: string }) => {
            const fault = await rejection(rebuildKey({ modelDir: dir }));
            expect(fault.code).to.equal("MODEL_DIR_INVALID");
            expect(fault.message).to.contain(says);
        };

        it("element types that are not the graph's", async () => {
            await withModel(async (dir) => {
                const edit = (manifest: { ioSpec: `0x${string}` }) => {
                    const { input, output } = decodeIoSpec(BigInt(manifest.ioSpec));
                    const wide = { input, output: { ...output, dtype: DTYPE.INT64, bits: 64 } };
                    manifest.ioSpec = uintToHex(encodeIoSpec(wide));
                };
                await editManifest({ dir, edit });

                await refuse({ dir, says: "ioSpec" });
            });
        });

        it("an input range that the circuit does not enforce", async () => {
            await withModel(async (dir) => {
                await editManifest({ dir, edit: (manifest) => Object.assign(manifest.inputs[0] ?? {}, { max: "7" }) });

                await refuse({ dir, says: "the input ranges" });
            });
        });

        it("a schema of other shapes", async () => {
            await withModel(async (dir) => {
                await editManifest({
                    dir,
                    edit: (manifest) => Object.assign(manifest.schema.outputs[0], { shape: [2] }),
                });

                await refuse({ dir, says: "schema" });
            });
        });

        const LIES: { says: string; edit: (manifest: Lied) => void }[] = [
            {
                says: "the meaning of the inputs",
                edit: ({ inputs: [input] }) => Object.assign(input, { scaleLog2: 9 }),
            },
            {
                says: "the meaning of the outputs",
                edit: ({ outputs: [out] }) => Object.assign(out, { zeroPoint: "1" }),
            },
            {
                says: "the meaning of the outputs",
                edit: ({ outputs: [out] }) => Object.assign(out, { interval: { lo: "0", hi: "1" } }),
            },
            { says: "the names", edit: ({ outputs: [out] }) => Object.assign(out, { name: "other" }) },
            { says: "what the circuit consists of", edit: (manifest) => Object.assign(manifest, { layers: [] }) },
            {
                says: "what the circuit consists of",
                edit: (manifest) =>
                    Object.assign(manifest, { parameters: { commitment: `0x${"11".repeat(32)}`, count: 9 } }),
            },
            { says: "the notes", edit: (manifest) => Object.assign(manifest, { notes: ["It was audited."] }) },
            {
                says: "the approximations",
                edit: (manifest) => Object.assign(manifest, { approximations: [{ node: "n", what: "w", bound: "0" }] }),
            },
            {
                says: "how reals become inputs",
                edit: ({ inputs: [input] }) => Object.assign(input, { quantisation: { scale: 2, zeroPoint: 3 } }),
            },
        ];
        it("a manifest that tells another meaning of numbers, another circuit or other approximations", async () => {
            for (const { says, edit } of LIES) {
                await withModel(async (dir) => {
                    await editManifest({ dir, edit });

                    const fault = await rebuildKey({ modelDir: dir }).then(
                        () => rejection(rebuildKey({ modelDir: dir, onnx: JOB.onnx })),
                        (error: ProtocolError) => error,
                    );

                    expect(fault.code).to.equal("MODEL_DIR_INVALID");
                    expect(fault.message).to.contain(says);
                });
            }
        });

        it("a source text that is not the circuit's", async () => {
            await withModel(async (dir) => {
                const source = await readFile(join(dir, MODEL_FILES.circuit), "utf8");
                await replaceFile({ dir, file: MODEL_FILES.circuit, text: source.replace("lc += ", "lc += 0 + ") });

                await refuse({ dir, says: MODEL_FILES.circuit });
            });
        });
    });

    describe("loading does not accept", () => {
        const refuse = async ({ dir, says }: { dir: string; says: string }) => {
            const fault = await rejection(loadModel(dir));
            expect(fault.code).to.equal("MODEL_DIR_INVALID");
            expect(fault.message).to.contain(says);
        };

        it("a graph that asks for more memory than any model takes", async () => {
            await withModel(async (dir) => {
                const side = 2 ** 31;
                const hot = { op: "oneHot", name: "n", inputs: ["x"], output: "y", min: "0", depth: side };
                const entry = (shape: number[]) => ({ shape, scaleLog2: 0, zeroPoint: "0" });
                const text = JSON.stringify({
                    ...{ version: 1, inputs: [{ tensor: "x", min: "0", max: "7" }], nodes: [hot], outputs: ["y"] },
                    tensors: [
                        ["x", entry([1])],
                        ["y", entry([side])],
                    ],
                });
                await replaceFile({ dir, file: MODEL_FILES.graph, text });

                await refuse({ dir, says: "elements" });
            });
        });

        it("a verifier contract of another key", async () => {
            await withModel(async (dir) => {
                const text = "contract Verifier { fallback() external { assembly { mstore(0, 1) return(0, 32) } } }";
                await replaceFile({ dir, file: MODEL_FILES.verifier, text });

                await refuse({ dir, says: MODEL_FILES.verifier });
            });
        });

        it("a verification key of another key", async () => {
            await withModel(async (dir) => {
                const key = JSON.parse(await readFile(join(dir, MODEL_FILES.snarkjsKey), "utf8"));
                key.vk_gamma_2 = key.vk_delta_2;
                await replaceFile({ dir, file: MODEL_FILES.snarkjsKey, text: JSON.stringify(key) });

                await refuse({ dir, says: MODEL_FILES.snarkjsKey });
            });
        });

        it("a vkHash that is not the key's", async () => {
            await withModel(async (dir) => {
                await editManifest({
                    dir,
                    edit: (manifest) => Object.assign(manifest, { vkHash: `0x${"11".repeat(32)}` }),
                });

                await refuse({ dir, says: MODEL_FILES.verifyingKey });
            });
        });
    });

    describe("assay verify does not accept", () => {
        it("a verifier contract that was changed, whatever it answers in an EVM", async () => {
            await withModel(async (dir) => {
                const file = join(dir, MODEL_FILES.verifier);
                await writeFile(file, `${await readFile(file, "utf8")}\n// and more`);

                const { exitCode, json } = await assay(["verify", "--dir", dir, "--json"]);

                expect(exitCode).to.equal(1);
                expect(json.error.code).to.equal("MODEL_DIR_INVALID");
            });
        });
    });

    describe("compiling", () => {
        it("does not replace a project that has a manifest.json of its own", async () => {
            await inTempDir(async (dir) => {
                await mkdir(join(dir, "extension", "src"), { recursive: true });
                await writeFile(join(dir, "extension", "manifest.json"), '{"manifest_version": 3}');
                await writeFile(join(dir, "extension", "src", "thesis.txt"), "mine");

                const fault = await rejection(compileModel({ ...JOB, outDir: join(dir, "extension") }));

                expect(fault.code).to.equal("MODEL_DIR_EXISTS");
                expect(await readFile(join(dir, "extension", "src", "thesis.txt"), "utf8")).to.equal("mine");
            });
        });

        it("does not replace a directory that holds nothing but a manifest.json of something else", async () => {
            await inTempDir(async (dir) => {
                await writeFile(join(dir, "manifest.json"), '{"manifest_version": 3}');

                const fault = await rejection(compileModel({ ...JOB, outDir: dir }));

                expect(fault.code).to.equal("MODEL_DIR_EXISTS");
                expect(await readdir(dir)).to.deep.equal(["manifest.json"]);
            });
        });

        it("keeps an older compilation to which somebody added a file", async () => {
            await withModel(async (dir) => {
                await writeFile(join(dir, "notes.txt"), "mine");

                const fault = await rejection(compileModel({ ...JOB, outDir: dir }));

                expect(fault.code).to.equal("MODEL_DIR_EXISTS");
                expect(await readFile(join(dir, "notes.txt"), "utf8")).to.equal("mine");
            });
        });

        it("does not use a cached manifest that was changed, nor copies what else lies in the cache", async () => {
            await inTempDir(async (dir) => {
                const job = { ...JOB, outDir: join(dir, "out"), cacheDir: join(dir, "cache") };
                const first = await compileModel(job);
                const [entry = ""] = await readdir(job.cacheDir);
                await writeFile(join(job.cacheDir, entry, "stowaway"), "");
                const edit = (manifest: { inputs: object[] }) =>
                    Object.assign(manifest.inputs[0] ?? {}, { max: "255" });
                await editManifest({ dir: join(job.cacheDir, entry), edit });

                const second = await compileModel(job);

                expect(second.inputs).to.deep.equal(first.inputs);
                expect((await loadModel(job.outDir)).manifest.inputs).to.deep.equal(first.inputs);
                expect(await readdir(job.outDir)).to.have.members(Object.values(MODEL_FILES));
            });
        });

        it("does not name a circuit like a template of the library", () => {
            const names = ["relu", "ReLU-rescale", "arg-max", "relu_rescale", "pack word", "poseidon-16", "bind-words"];
            const library = ["Relu", "ReluRescale", "ArgMax", "PackWord", "Poseidon16", "BindWords"];

            for (const name of names) expect(library).not.to.include(templateName(name));
            expect(templateName("digits")).to.equal("Digits");
        });
    });
});
