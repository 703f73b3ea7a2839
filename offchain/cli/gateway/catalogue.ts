import { readdir } from "node:fs/promises";
import path from "node:path";
import { CHECKOUT } from "../checkout.ts";
import { readBytes, readJson } from "../io/files.ts";
import { inputFile } from "../model/inputFile.ts";

const MODELS = path.join(CHECKOUT, "models");
/** Small enough to be compiled while somebody waits; served as exact integers, so that they can be proven. */
const PROVABLE: readonly string[] = ["argmax-8-4-2", "diabetes", "digits", "tabular-mlp", "wine"];

/**
 * The checkout's own models: the provable ones compiled with a development key (taken from the cache when they are there),
 * the others as they are. `isDevelopment`: elsewhere such keys are worth nothing, and all are served as they are.
 */
export async function checkoutModels({
    outDir,
    isDevelopment,
    progress,
    signal,
}: {
    /** Takes the compiled ones. */
    outDir: string;
    isDevelopment: boolean;
    progress: (line: string) => void;
    signal: AbortSignal;
}): Promise<string[]> {
    const files = (await readdir(MODELS)).filter((file) => file.endsWith(".onnx")).sort();
    const paths: string[] = [];
    for (const file of files) {
        const name = file.slice(0, -".onnx".length);
        const isCompiled = isDevelopment && PROVABLE.includes(name);
        paths.push(isCompiled ? await compiled({ name, outDir, progress, signal }) : path.join(MODELS, file));
    }
    return paths;
}

async function compiled({
    name,
    outDir,
    progress,
    signal,
}: {
    name: string;
    outDir: string;
    progress: (line: string) => void;
    signal: AbortSignal;
}): Promise<string> {
    const { compileModel } = await import("@assay/compiler");
    const calibration = await readJson({ file: path.join(MODELS, `${name}.calibration.json`), schema: inputFile });
    const target = path.join(outDir, name);
    await compileModel({
        onnx: await readBytes(path.join(MODELS, `${name}.onnx`)),
        name,
        outDir: target,
        calibration: calibration.input_data,
        cacheDir: path.join(CHECKOUT, ".cache", "models"),
        setup: "dev",
        onProgress: (line) => progress(`${name}: ${line}`),
        signal,
    });
    return target;
}
