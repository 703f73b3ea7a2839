import { resolve } from "node:path";
import { r1csOf } from "../buildModel.ts";
import { completeModel } from "../completeModel.ts";
import type { Manifest } from "../manifest.ts";
import { requireEmpty, requireOnly, writeModel } from "../modelDirectory.ts";
import { type Beacon, finishSetup } from "../setup/ceremonySetup.ts";
import { checkContributions } from "../setup/checkSetup.ts";
import type { Transcript } from "../setup/transcript.ts";
import { CEREMONY_FILES, readCeremony } from "./_draft.ts";

/** A ceremony under way and a key of it. */
export type CeremonyKey = {
    /** Directory that `startCeremony` wrote. */
    dir: string;
    /** The key of the last contribution. */
    zkey: Uint8Array;
    /** Path of the phase 1 file that the ceremony was started with. */
    ptau: string;
    onProgress?: ((line: string) => void) | undefined;
    signal?: AbortSignal | undefined;
};

/**
 * Checks that a key follows from a ceremony's start, and tells by whose contributions. Throws SETUP_KEY_INVALID,
 * CEREMONY_DIR_INVALID, PTAU_INVALID, PTAU_TOO_SMALL, SETUP_INTERRUPTED.
 */
export async function checkCeremony({ dir, ...job }: CeremonyKey): Promise<Transcript> {
    const prepared = await readCeremony(resolve(dir));
    return checkContributions({ ...job, r1cs: r1csOf(prepared) });
}

/**
 * Ends a ceremony with a beacon and makes its directory a compiled model directory, or writes one to `outDir`. Everything
 * in the key is checked first. Throws SETUP_UNFINISHED with fewer than two contributions, CEREMONY_BEACON_INVALID,
 * MODEL_DIR_EXISTS, KNOWN_ANSWER_WRONG, and what `checkCeremony` throws.
 */
export async function finishCeremony({
    dir,
    outDir,
    ...job
}: CeremonyKey & { beacon: Beacon; outDir?: string | undefined }): Promise<Manifest> {
    const source = resolve(dir);
    const target = outDir === undefined ? source : resolve(outDir);
    const prepared = await readCeremony(source);
    await (target === source ? requireOnly({ target, files: CEREMONY_FILES }) : requireEmpty(target));
    const { setup, record } = await finishSetup({ ...job, r1cs: r1csOf(prepared) });
    job.signal?.throwIfAborted();
    job.onProgress?.("proving the known answer");
    const built = await completeModel({ prepared, setup, record });
    await writeModel({ target, built });
    return built.manifest;
}
