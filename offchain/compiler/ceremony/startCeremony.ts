import { resolve } from "node:path";
import { prepareModel, r1csOf } from "../buildModel.ts";
import type { CompileOptions } from "../compileModel.ts";
import { MODEL_FILES } from "../files.ts";
import { requireEmpty, writeFiles } from "../modelDirectory.ts";
import { parseOptions } from "../options.ts";
import { startKey } from "../setup/ceremonySetup.ts";
import { requirePtau } from "../setup/ptau.ts";
import { ceremonyFiles, START_KEY_FILE } from "./_draft.ts";

/**
 * Compiles an ONNX model up to its key and starts the ceremony that makes it: a directory with the model and the key that
 * contributions start from. Nothing takes it for a compiled model before `finishCeremony` has made it one. Throws
 * MODEL_DIR_EXISTS unless `outDir` is free, PTAU_MISSING, PTAU_INVALID, PTAU_TOO_SMALL and what compiling throws.
 */
export async function startCeremony({
    onnx,
    outDir,
    calibration,
    ptau: file,
    onProgress = () => {},
    onPlan = () => {},
    signal,
    ...given
}: Omit<CompileOptions, "setup" | "cacheDir">): Promise<{ startKey: string; circuitFile: string }> {
    const target = resolve(outDir);
    const options = parseOptions(given);
    await requireEmpty(target);
    const ptau = await requirePtau(file);
    const prepared = prepareModel({ onnx, options, calibration, onProgress, onPlan, signal });
    const zkey = await startKey({ r1cs: r1csOf(prepared), ptau, onProgress, signal });
    const isSecret = prepared.draft.parameters !== undefined;
    await writeFiles({ target, files: ceremonyFiles({ prepared, startKey: zkey }), isSecret });
    return { startKey: resolve(target, START_KEY_FILE), circuitFile: resolve(target, MODEL_FILES.r1cs) };
}
