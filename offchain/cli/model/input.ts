import path from "node:path";
import { decodeIoSpec, encodeTensor } from "@assay/protocol";
import { readJson } from "../io/files.ts";
import type { Shell } from "../io/shell.ts";
import { inputFile } from "./inputFile.ts";

/** Canonical bytes of an input file's numbers for a compiled model, quantised as its manifest says. */
export async function readInput(
    { cwd }: Pick<Shell, "cwd">,
    { dir, file }: { dir: string; file: string },
): Promise<Uint8Array> {
    // Loaded when needed: the compiler brings onnxruntime and snarkjs, which most verbs do without.
    const { loadModel, quantiseInput } = await import("@assay/compiler");
    const { manifest } = await loadModel(path.resolve(cwd, dir));
    const { input_data } = await readJson({ file: path.resolve(cwd, file), schema: inputFile });
    return encodeTensor({
        dtype: decodeIoSpec(manifest.ioSpec).input.dtype,
        values: quantiseInput(manifest, input_data.flat()),
    });
}
