import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { bytesToHex, encodeKey, isProtocolError } from "@assay/protocol";
import { MODEL_FILES } from "./files.ts";
import { loadModel } from "./loadModel.ts";
import { checkSetup } from "./setup/checkSetup.ts";
import { type Transcript, transcriptHashOf } from "./setup/transcript.ts";

/** What a check of a setup comes to. */
export type SetupVerdict =
    | {
          status: "verified";
          transcript: Transcript;
          /** Whether phase 1 is a file of the public ceremony; who made another alone forges for every key made from it. */
          isPhase1Public: boolean;
      }
    | { status: "refused"; why: string };

/**
 * Checks that the proving key of a compiled model is made of its constraint system, a phase 1 and the contributions of its
 * transcript, that these are enough for the kind of setup it claims, and that its verifying key is in it. `rebuildKey`
 * checks that the constraint system is the model's. Throws MODEL_DIR_INVALID, PTAU_INVALID, PTAU_TOO_SMALL,
 * SETUP_INTERRUPTED.
 */
export async function verifySetup({
    modelDir,
    ptau,
    onProgress,
    signal,
}: {
    modelDir: string;
    /** Path of the phase 1 file that the transcript names. */
    ptau: string;
    onProgress?: ((line: string) => void) | undefined;
    signal?: AbortSignal | undefined;
}): Promise<SetupVerdict> {
    const { dir, manifest } = await loadModel(modelDir);
    if (manifest.setup.kind === "dev") return refused("a development setup has no phase 1");
    const { kind, transcriptHash, transcript } = manifest.setup;
    const [r1cs, zkey, key] = await Promise.all(
        [MODEL_FILES.r1cs, MODEL_FILES.provingKey, MODEL_FILES.verifyingKey].map(
            async (file) => new Uint8Array(await readFile(join(dir, file))),
        ),
    );
    if (r1cs === undefined || zkey === undefined || key === undefined) throw new TypeError("A file is missing.");
    try {
        const { setup, record, isPhase1Public } = await checkSetup({ r1cs, zkey, kind, ptau, onProgress, signal });
        if (bytesToHex(encodeKey(setup.verifyingKey)) !== bytesToHex(key)) {
            return refused("the verifying key is not that of the proving key");
        }
        if (record.transcriptHash !== transcriptHash || transcriptHashOf(transcript) !== transcriptHash) {
            return refused("the transcript is not that of the proving key and this phase 1 file");
        }
        return { status: "verified", transcript, isPhase1Public };
    } catch (error) {
        if (isProtocolError(error) && REFUSALS.has(error.code)) return refused(error.message);
        throw error;
    }
}

const REFUSALS: ReadonlySet<string> = new Set(["SETUP_KEY_INVALID", "SETUP_UNFINISHED"]);

function refused(why: string): SetupVerdict {
    return { status: "refused", why };
}
