import { readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ProtocolError } from "@assay/protocol";
import { type BuildInput, buildModel } from "./buildModel.ts";
import { compilerFingerprint, putIntoCache, takeFromCache, writeDirectory } from "./cache.ts";
import { MODEL_FILES } from "./files.ts";
import type { CompilationPlan } from "./forecast/compilationPlan.ts";
import { sha256 } from "./hash.ts";
import { encodeManifest, type Manifest } from "./manifest.ts";
import { parseOptions } from "./options.ts";
import { TOOLS } from "./tools.ts";

/** What to compile, how, and where to. */
export type CompileOptions = {
    /** The ONNX file. */
    onnx: Uint8Array;
    name: string;
    /** Becomes a compiled model directory, or stays as it is when anything fails. */
    outDir: string;
    /** Samples, each a flat list of the input's elements: they choose scales and measure accuracy. */
    calibration?: readonly (readonly number[])[];
    /** Bits of a weight, sign included: 2 to 24, 8 unless told. */
    bits?: number;
    /** Most bits of an input element: 1 to 32, 8 unless told. */
    inputBits?: number;
    /** Most part of the samples whose answer may change, and most mean difference of scores: percent, 1 unless told. */
    accuracyPct?: number;
    /** Committed: the input stays private, and a commitment to it is public; public unless told. */
    inputVisibility?: "public" | "committed";
    /** The same of the output. */
    outputVisibility?: "public" | "committed";
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
    const input: BuildInput = { onnx, options, calibration };
    const isRepeatable = options.setup === "dev"; // any other key has a secret of its own
    const entry = cacheDir === undefined || !isRepeatable ? undefined : join(resolve(cacheDir), await cacheKey(input));
    const cached = entry === undefined ? undefined : await takeFromCache({ entry, target });
    if (cached !== undefined) {
        onProgress("taken from the cache");
        return cached;
    }
    const { files, manifest } = await buildModel({ ...input, ptau, onProgress, onPlan, signal });
    await writeDirectory({ target, fill: (dir) => writeFiles({ dir, files, manifest }) });
    if (entry !== undefined) await putIntoCache({ dir: target, entry });
    return manifest;
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

type Written = { dir: string; files: Map<string, Uint8Array>; manifest: Manifest };

async function writeFiles({ dir, files, manifest }: Written): Promise<void> {
    for (const [name, content] of files) await writeFile(join(dir, name), content);
    await writeFile(join(dir, MODEL_FILES.manifest), encodeManifest(manifest));
}

/** Only nothing, an empty directory or an older compilation may be replaced; many things have a manifest.json. */
async function requireReplaceable(target: string): Promise<void> {
    const entries = await readdir(target).catch((error: unknown): string[] => {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
        throw new ProtocolError({ code: "MODEL_DIR_EXISTS", message: `${target} is not a directory.`, cause: error });
    });
    const isCompilation = [MODEL_FILES.manifest, MODEL_FILES.verifyingKey].every((file) => entries.includes(file));
    const isForeign = entries.some((file) => !Object.values<string>(MODEL_FILES).includes(file));
    if (entries.length === 0 || (isCompilation && !isForeign)) return;
    throw new ProtocolError({ code: "MODEL_DIR_EXISTS", message: `${target} holds other files.` });
}
