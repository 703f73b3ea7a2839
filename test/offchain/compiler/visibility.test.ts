import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileModel, loadModel, type Manifest, rebuildKey } from "@assay/compiler";
import {
    bytesToHex,
    commitmentOf,
    decodeIoSpec,
    encodeTensor,
    hexToBytes,
    isCommitment,
    isProtocolError,
    publicSignals,
    saltFrom,
    signalCount,
    unboundBind,
    verifyGroth16,
    vkHashOf,
} from "@assay/protocol";
import { createProver, type ProvenInference } from "@assay/prover";
import { readCompiledModel } from "@assay/sdk";
import { expect } from "chai";
import { z } from "zod";
import { someInputs } from "./_integerGraphs.ts";
import { inTempDir, MODEL_CACHE } from "./_tempDir.ts";

const MODELS = fileURLToPath(new URL("../../../models/", import.meta.url));
const SALTS = { input: saltFrom(new Uint8Array(31).fill(1)), output: saltFrom(new Uint8Array(31).fill(2)) };
const calibrationFile = z.object({ input_data: z.array(z.array(z.number())) });

type Visibility = "public" | "committed";
type Sides = { inputVisibility: Visibility; outputVisibility: Visibility };
const MIXES: Sides[] = [
    { inputVisibility: "committed", outputVisibility: "public" },
    { inputVisibility: "public", outputVisibility: "committed" },
    { inputVisibility: "committed", outputVisibility: "committed" },
];

async function compileSmall({ dir, ...sides }: Sides & { dir: string }): Promise<string> {
    const text = await readFile(join(MODELS, "argmax-8-4-2.calibration.json"), "utf8");
    const { input_data: calibration } = calibrationFile.parse(JSON.parse(text));
    const onnx = new Uint8Array(await readFile(join(MODELS, "argmax-8-4-2.onnx")));
    const outDir = join(dir, "small");
    await compileModel({ onnx, name: "small", outDir, calibration, cacheDir: MODEL_CACHE, ...sides });
    return outDir;
}

/** Proves one inference under the salts of the committed sides. */
async function proveOne(modelDir: string) {
    const { manifest, graph } = await loadModel(modelDir);
    const { input: side, output } = decodeIoSpec(manifest.ioSpec);
    const salts = {
        input: side.committed ? SALTS.input : undefined,
        output: output.committed ? SALTS.output : undefined,
    };
    const values = someInputs({ graph, count: 8, seed: 8 }).at(-1) ?? [];
    const input = encodeTensor({ dtype: side.dtype, values });
    const prover = await createProver({ modelDir });
    try {
        const proven = await prover.prove({ input, bind: unboundBind(manifest.vkHash), salts });
        const fault = await prover.prove({ input, bind: 1n, salts: {} }).catch((error: unknown) => error);
        return { manifest, input, proven, fault };
    } finally {
        await prover.close();
    }
}

type Claim = { manifest: Manifest; input: Uint8Array; proven: ProvenInference };

/** The signals that somebody rebuilds who is shown only what is public. */
function signalsOf({ manifest, input, proven }: Claim): bigint[] {
    const { ioSpec: word, vkHash } = manifest;
    const ioSpec = decodeIoSpec(word);
    const { inputHash, outputHash, c } = proven;
    const shown = {
        input: ioSpec.input.committed ? new Uint8Array() : input,
        output: ioSpec.output.committed ? new Uint8Array() : proven.output,
    };
    return publicSignals({ ioSpec, vkHash, ...shown, inputHash, outputHash, c, bind: unboundBind(vkHash) });
}

describe("committed sides", function () {
    this.timeout(120_000); // compiles models that are not cached

    for (const sides of MIXES) {
        const { inputVisibility, outputVisibility } = sides;

        describe(`input ${inputVisibility}, output ${outputVisibility}`, () => {
            it("are proven under commitments that their salts open", async () => {
                await inTempDir(async (dir) => {
                    const modelDir = await compileSmall({ dir, ...sides });
                    const { manifest, input, proven, fault } = await proveOne(modelDir);
                    const ioSpec = decodeIoSpec(manifest.ioSpec);
                    const signals = signalsOf({ manifest, input, proven });
                    const { key } = await readCompiledModel({ dir: modelDir });
                    const verifies = (claimed: bigint[]) =>
                        verifyGroth16({ key, signals: claimed, proof: proven.proof });

                    expect(ioSpec.input.committed).to.equal(inputVisibility === "committed");
                    expect(ioSpec.output.committed).to.equal(outputVisibility === "committed");
                    expect(manifest.signals).to.equal(signalCount(ioSpec));
                    expect(signals).to.deep.equal(proven.signals);
                    expect(verifies(signals)).to.equal(true);
                    for (const index of signals.keys()) {
                        expect(verifies(signals.with(index, (signals[index] ?? 0n) + 1n)), `${index}`).to.equal(false);
                    }
                    if (ioSpec.input.committed) {
                        const opening = { bytes: input, salt: SALTS.input };
                        expect(proven.inputHash).to.equal(commitmentOf({ side: ioSpec.input, opening }));
                    }
                    if (ioSpec.output.committed) {
                        const opening = { bytes: proven.output, salt: SALTS.output };
                        expect(proven.outputHash).to.equal(commitmentOf({ side: ioSpec.output, opening }));
                    }
                    expect(isProtocolError(fault, "SALT_INVALID")).to.equal(true);
                });
            });

            it("leave only commitments in the manifest, and a key that can be rebuilt", async () => {
                await inTempDir(async (dir) => {
                    const modelDir = await compileSmall({ dir, ...sides });
                    const { spec, knownAnswer, key } = await readCompiledModel({ dir: modelDir });
                    const ioSpec = decodeIoSpec(spec.ioSpec);
                    const { input, output } = knownAnswer;
                    const shown = {
                        input: ioSpec.input.committed ? new Uint8Array() : hexToBytes(input),
                        output: ioSpec.output.committed ? new Uint8Array() : hexToBytes(output),
                    };
                    const hashes = {
                        ...(ioSpec.input.committed ? { inputHash: input } : {}),
                        ...(ioSpec.output.committed ? { outputHash: output } : {}),
                    };
                    const bind = unboundBind(spec.vkHash);
                    const signals = publicSignals({ ioSpec, vkHash: spec.vkHash, ...shown, ...hashes, bind });

                    expect(Object.values(hashes).every(isCommitment)).to.equal(true);
                    expect(verifyGroth16({ key, signals, proof: knownAnswer.proof })).to.equal(true);
                    expect(vkHashOf(await rebuildKey({ modelDir }))).to.equal(spec.vkHash);
                    expect(bytesToHex(key).length).to.be.greaterThan(2);
                });
            });
        });
    }

    it("make other keys of one model", async () => {
        const hashes = await Promise.all(
            [{ inputVisibility: "public", outputVisibility: "public" } as const, ...MIXES].map((sides) =>
                inTempDir(async (dir) => (await loadModel(await compileSmall({ dir, ...sides }))).manifest.vkHash),
            ),
        );

        expect(new Set(hashes).size).to.equal(4);
    });
});
