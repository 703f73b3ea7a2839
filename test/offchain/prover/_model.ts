import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { compileModel, type Manifest, MODEL_FILES } from "@assay/compiler";
import { hexToBytes, isProtocolError, type ProtocolError, verifyGroth16 } from "@assay/protocol";
import type { ProvenInference } from "@assay/prover";
import { expect } from "chai";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { anMlp } from "../compiler/_floatModels.ts";
import { MODEL_CACHE } from "../compiler/_tempDir.ts";

/** A compiled model, an input of it, and whether a proof verifies by its key. */
export type Model = {
    dir: string;
    manifest: Manifest;
    input: Uint8Array;
    accepts: (proven: Pick<ProvenInference, "signals" | "proof">) => boolean;
};

/** Compiles a tiny model of its own per count of hidden units. */
export async function aModel({ dir, hidden = 3 }: { dir: string; hidden?: number }): Promise<Model> {
    const outDir = join(dir, `hidden-${hidden}`);
    const onnx = writeOnnx(anMlp({ sizes: [4, hidden, 2], argMax: true }));
    const job = { onnx, name: `hidden-${hidden}`, calibration: [[0, 1, 2, 15]], cacheDir: MODEL_CACHE };
    const manifest = await compileModel({ ...job, outDir });
    const key = new Uint8Array(await readFile(join(outDir, MODEL_FILES.verifyingKey)));
    return {
        dir: outDir,
        manifest,
        input: hexToBytes(manifest.knownAnswer.input),
        accepts: ({ signals, proof }) => verifyGroth16({ key, signals, proof }),
    };
}

/** The ProtocolError that a promise is rejected with. */
export async function faultOf(promise: Promise<unknown>): Promise<ProtocolError> {
    const error = await promise.then(
        () => expect.fail("no error"),
        (reason: unknown) => reason,
    );
    if (isProtocolError(error)) return error;
    throw error;
}
