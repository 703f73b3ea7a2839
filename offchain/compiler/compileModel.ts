import { join, resolve } from "node:path";
import { type BuildInput, buildModel } from "./buildModel.ts";
import { compilerFingerprint, putIntoCache, takeFromCache } from "./cache.ts";
import type { CompilationPlan } from "./forecast/compilationPlan.ts";
import { sha256 } from "./hash.ts";
import type { Manifest } from "./manifest.ts";
import { requireReplaceable, writeModel } from "./modelDirectory.ts";
import { parseOptions } from "./options.ts";
import { requirePtau } from "./setup/ptau.ts";
import { TOOLS } from "./tools.ts";

/** What to compile, how, and where to. */
export type CompileOptions = {
    /** The ONNX file. */
    onnx: Uint8Array;
    name: string;
    /**
     * Becomes a compiled model directory, or stays as it is when anything fails. One that holds a single or ceremony key
     * is never replaced.
     */
    outDir: string;
    /**
     * For each sample one flat list per input of the model: they choose scales and measure accuracy. A single sample
     * only shows a range, which is widened four times.
     */
    calibration?: readonly (readonly number[])[];
    /** Most bits of a weight, sign included: 2 to 24, 8 unless told. The search may find that fewer do. */
    bits?: number;
    /** Most bits of an input element: 1 to 32, 8 unless told. */
    inputBits?: number;
    /** Most part of the samples whose answer may change, and most mean difference of scores: percent, 1 unless told. */
    accuracyPct?: number;
    /** Committed: the input stays private, and a commitment to it is public; public unless told. */
    inputVisibility?: "public" | "committed";
    /** The same of the output. */
    outputVisibility?: "public" | "committed";
    /** Committed: weights and biases stay private to who has the directory; the circuit commits to them. */
    parameters?: "constants" | "committed";
    /** "single": for real chains; needs `ptau`. */
    setup?: "dev" | "single";
    /** Path of a phase 1 file (powers of tau), prepared for phase 2. */
    ptau?: string;
    /** Where finished compilations with a development key are kept by content hash; none unless told. */
    cacheDir?: string;
    onProgress?: (line: string) => void;
    /** Called once, before the circuit and its keys are made; not when the model is taken from the cache. */
    onPlan?: (plan: CompilationPlan) => void;
    signal?: AbortSignal;
};

/**
 * Compiles an ONNX model into a directory: integer model, circuit, keys, verifier, manifest.
 *
 * @example
 * const manifest = await compileModel({ onnx, name: "digits", outDir: "build/digits", calibration });
 */
export async function compileModel({
    onnx,
    outDir,
    calibration,
    cacheDir,
    ptau,
    onProgress = () => {},
    onPlan = () => {},
    signal,
    ...given
}: CompileOptions): Promise<Manifest> {
    const target = resolve(outDir);
    const options = parseOptions(given);
    await requireReplaceable(target);
    if (options.setup === "single") await requirePtau(ptau);
    const input: BuildInput = { onnx, options, calibration };
    const isRepeatable = options.setup === "dev"; // any other key has a secret of its own
    const entry = cacheDir === undefined || !isRepeatable ? undefined : join(resolve(cacheDir), await cacheKey(input));
    const cached = entry === undefined ? undefined : await takeFromCache({ entry, target });
    if (cached !== undefined) {
        onProgress("taken from the cache");
        return cached;
    }
    const built = await buildModel({ ...input, ptau, onProgress, onPlan, signal });
    await writeModel({ target, built });
    if (entry !== undefined) await putIntoCache({ dir: target, entry });
    return built.manifest;
}

/** A hash of everything that the result depends on. */
async function cacheKey({ onnx, options, calibration }: BuildInput): Promise<string> {
    const parts = [
        await compilerFingerprint(TOOLS),
        sha256(onnx),
        JSON.stringify(options),
        sha256(JSON.stringify(calibration ?? null)),
    ];
    return sha256(parts.join("\n")).slice(2);
}
