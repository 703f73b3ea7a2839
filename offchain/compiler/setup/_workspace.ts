import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProtocolError } from "@assay/protocol";
import { type Phase2Job, runPhase2 } from "./_phase2.ts";

/** A private directory for the files that the steps of a setup hand on. */
export type Workspace = {
    path: (name: string) => string;
    /** Writes a file; gives its path. */
    put: (name: string, content: Uint8Array) => Promise<string>;
    take: (name: string) => Promise<Uint8Array>;
    /** Does jobs in order, in one process; throws PTAU_INVALID or SETUP_KEY_INVALID when snarkjs refuses one. */
    run: (jobs: readonly Phase2Job[]) => Promise<void>;
};

/** Runs with a workspace that is gone afterwards. */
export async function inWorkspace<T>({
    onProgress,
    signal,
    use,
}: {
    onProgress?: ((line: string) => void) | undefined;
    signal?: AbortSignal | undefined;
    use: (workspace: Workspace) => Promise<T>;
}): Promise<T> {
    const dir = await mkdtemp(join(tmpdir(), "assay-setup-"));
    const path = (name: string): string => join(dir, name);
    try {
        return await use({
            path,
            async put(name, content) {
                await writeFile(path(name), content, { mode: 0o600 });
                return path(name);
            },
            async take(name) {
                return new Uint8Array(await readFile(path(name)));
            },
            async run(jobs) {
                const refusal = await runPhase2({ jobs, onProgress, signal });
                if (refusal === undefined) return;
                const code = refusal.op === "verifyPtau" ? "PTAU_INVALID" : "SETUP_KEY_INVALID";
                throw new ProtocolError({ code, message: `Refused at the step "${refusal.op}": ${refusal.says}` });
            },
        });
    } finally {
        await rm(dir, { recursive: true, force: true });
    }
}
