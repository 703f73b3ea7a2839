import path from "node:path";
import { z } from "zod";
import { CHECKOUT } from "../checkout.ts";
import { readBytes, readJson } from "../io/files.ts";
import { inputFile } from "../model/inputFile.ts";

const MODELS = path.join(CHECKOUT, "models");

const samplesFile = z.object({
    samples: z.array(z.object({ input: z.array(z.number()).length(64), label: z.int().min(0).max(9) })).min(1),
});

/** An image that the model never saw, and the digit that somebody wrote. */
export type DigitSample = z.output<typeof samplesFile>["samples"][number];

/** Real handwritten digits, held back from training. */
export async function readDigitSamples(): Promise<DigitSample[]> {
    return (await readJson({ file: path.join(MODELS, "digits.samples.json"), schema: samplesFile })).samples;
}

/** Compiles the digit model into `outDir`, or takes it from the cache of the checkout. */
export async function compileDigits({
    outDir,
    onProgress,
    signal,
}: {
    outDir: string;
    onProgress: (line: string) => void;
    signal: AbortSignal;
}): Promise<void> {
    const { compileModel } = await import("@assay/compiler");
    const calibration = await readJson({ file: path.join(MODELS, "digits.calibration.json"), schema: inputFile });
    await compileModel({
        onnx: await readBytes(path.join(MODELS, "digits.onnx")),
        name: "digits",
        outDir,
        calibration: calibration.input_data,
        cacheDir: path.join(CHECKOUT, ".cache", "models"),
        setup: "dev",
        onProgress,
        signal,
    });
}
