import { readFile } from "node:fs/promises";
import path from "node:path";
import type { JsonObject } from "@assay/protocol";
import { z } from "zod";

const scale = { scaleLog2: z.int(), zeroPoint: z.string() };
const encoding = z
    .object({
        name: z.string(),
        ...scale,
        columns: z.array(z.object(scale)),
        quantisation: z.object({ scale: z.number(), zeroPoint: z.int() }),
    })
    .partial();
const manifest = z.object({ inputs: z.array(encoding).default([]), outputs: z.array(encoding).default([]) });

/** How the whole numbers of a compiled model stand for real ones, by input and output in order; nothing of a plain one. */
export type Encodings = { inputs: JsonObject[]; outputs: JsonObject[] };

/**
 * Reads what a compiled model's manifest says of scales: real = (integer - zeroPoint) * 2^-scaleLog2, by position in the
 * last axis where there are columns; `quantisation` is the model's own, real = (integer - zeroPoint) * scale. It is told
 * to callers, and nothing is computed with it.
 */
export async function readEncodings(compiledDir: string | undefined): Promise<Encodings> {
    if (compiledDir === undefined) return { inputs: [], outputs: [] };
    const { inputs, outputs } = manifest.parse(
        JSON.parse(await readFile(path.join(compiledDir, "manifest.json"), "utf8")),
    );
    return { inputs: inputs.map(jsonOf), outputs: outputs.map(jsonOf) };
}

function jsonOf({ name: _, ...scales }: z.output<typeof encoding>): JsonObject {
    return z.record(z.string(), z.json()).parse(scales);
}
