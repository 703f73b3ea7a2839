import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Finished compilations, by content hash: a test that only needs a compiled model takes it from here. */
export const MODEL_CACHE = fileURLToPath(new URL("../../../.cache/models", import.meta.url));

/** Runs with an empty directory that is gone afterwards. */
export async function inTempDir<T>(run: (dir: string) => Promise<T>): Promise<T> {
    const dir = await mkdtemp(join(tmpdir(), "assay-test-"));
    try {
        return await run(dir);
    } finally {
        await rm(dir, { recursive: true, force: true });
    }
}
