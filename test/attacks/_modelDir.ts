import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { compileModel, MODEL_FILES } from "@assay/compiler";
import { writeOnnx } from "../../offchain/compiler/onnx/writeOnnx.ts";
import { anMlp } from "../offchain/compiler/_floatModels.ts";
import { inTempDir, MODEL_CACHE } from "../offchain/compiler/_tempDir.ts";

/** A small model whose outputs are numbers wider than a byte. */
const ONNX = writeOnnx(anMlp({ sizes: [4, 3, 2] }));
export const JOB = {
    onnx: ONNX,
    name: "scores",
    calibration: [
        [0, 1, 2, 3],
        [15, 0, 7, 8],
        [1, 1, 1, 1],
    ],
};

// biome-ignore lint/suspicious/noExplicitAny: an attacker writes what he likes
type Json = any;

/** A compiled model in a directory of its own. */
export async function withModel<T>(run: (dir: string) => Promise<T>): Promise<T> {
    return inTempDir(async (parent) => {
        const dir = join(parent, JOB.name);
        await compileModel({ ...JOB, outDir: dir, cacheDir: MODEL_CACHE });
        return run(dir);
    });
}

/** Changes manifest.json. */
export async function editManifest({ dir, edit }: { dir: string; edit: (manifest: Json) => void }): Promise<void> {
    const file = join(dir, MODEL_FILES.manifest);
    const manifest: Json = JSON.parse(await readFile(file, "utf8"));
    edit(manifest);
    await writeFile(file, JSON.stringify(manifest));
}

/** Replaces a file, and has the manifest say that this is the right one. */
export async function replaceFile({ dir, file, text }: { dir: string; file: string; text: string }): Promise<void> {
    await writeFile(join(dir, file), text);
    const hash = `0x${createHash("sha256").update(text).digest("hex")}`;
    await editManifest({ dir, edit: (manifest) => Object.assign(manifest.files, { [file]: hash }) });
}
