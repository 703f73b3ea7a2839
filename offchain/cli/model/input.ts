import path from "node:path";
import type { Manifest } from "@assay/compiler";
import { encodeTensor, ProtocolError } from "@assay/protocol";
import { readJson } from "../io/files.ts";
import type { Shell } from "../io/shell.ts";
import { inputFile } from "./inputFile.ts";

/** Canonical bytes of an input file's numbers for a compiled model, quantised as its manifest says. */
export async function readInput(
    { cwd }: Pick<Shell, "cwd">,
    { dir, file }: { dir: string; file: string },
): Promise<Uint8Array> {
    // Loaded when needed: the compiler brings onnxruntime and snarkjs, which most verbs do without.
    const { loadModel } = await import("@assay/compiler");
    const { manifest } = await loadModel(path.resolve(cwd, dir));
    const { input_data } = await readJson({ file: path.resolve(cwd, file), schema: inputFile });
    return canonicalInput({ manifest, numbers: input_data.flat(), source: file });
}

/** Canonical bytes of numbers for a compiled model; throws INPUT_FILE_INVALID when the count is not the model's. */
export async function canonicalInput({
    manifest,
    numbers,
    source,
}: {
    manifest: Manifest;
    numbers: readonly number[];
    source: string;
}): Promise<Uint8Array> {
    const { quantiseInput } = await import("@assay/compiler");
    const wanted = manifest.input.shape.reduce((product, size) => product * size, 1);
    if (numbers.length !== wanted) {
        throw new ProtocolError({
            code: "INPUT_FILE_INVALID",
            message: `${source} holds ${numbers.length} numbers, the model takes ${wanted}.`,
        });
    }
    return encodeTensor({ dtype: manifest.input.dtype, values: quantiseInput(manifest, [...numbers]) });
}
