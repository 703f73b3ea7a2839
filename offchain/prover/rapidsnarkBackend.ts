import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:fs";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Proof, ProtocolError, proofFromSnarkjs } from "@assay/protocol";
import { withTimeLimit } from "./_timeLimit.ts";
import type { Backend, BackendJob } from "./backend.ts";

/** A proof takes 800 bytes. */
const MOST_PROOF_BYTES = 65_536;
const MOST_STDERR_BYTES = 2_000;
/** What a program may need to start; never keys and passwords. */
const ENVIRONMENT = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "OMP_NUM_THREADS"] as const;

/**
 * Proves by a program that is called as rapidsnark is: `prover circuit.zkey witness.wtns proof.json public.json`. It is
 * somebody else's: it gets a private directory, a time limit and none of this process's secrets, and what it writes is
 * only used once it verifies.
 */
export function createRapidsnarkBackend({
    binary,
    timeLimitMs,
}: {
    /** Path, or a name on PATH. */
    binary: string;
    /** Of one proof. */
    timeLimitMs: number;
}): Backend {
    async function proveIn({ dir, key, witness, signal }: BackendJob & { dir: string }): Promise<Proof> {
        const [wtns, proof] = [join(dir, "witness.wtns"), join(dir, "proof.json")];
        await writeFile(wtns, witness, { mode: 0o600 });
        await withTimeLimit({
            timeLimitMs,
            signal,
            run: (stopped) => run({ binary, args: [key.file, wtns, proof, join(dir, "public.json")], dir, stopped }),
        });
        return readProof({ binary, file: proof });
    }

    return {
        isForeign: true,
        async prove(job) {
            const dir = await mkdtemp(join(tmpdir(), "assay-proof-"));
            try {
                return await proveIn({ ...job, dir });
            } finally {
                await rm(dir, { recursive: true, force: true });
            }
        },
        peakRssMb: () => undefined,
        close: async () => {},
    };
}

type Call = { binary: string; args: string[]; dir: string; stopped: AbortSignal };

/** Resolves when the program ends with 0; ends it and all that it started when told to stop. */
async function run({ binary, args, dir, stopped }: Call): Promise<void> {
    const env = Object.fromEntries(
        ENVIRONMENT.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
    );
    const child = spawn(binary, args, { cwd: dir, env, stdio: ["ignore", "ignore", "pipe"], detached: true });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
        said = `${said}${chunk.toString("utf8")}`.slice(-MOST_STDERR_BYTES);
    });
    await new Promise<void>((resolve, reject) => {
        const stop = (): void => {
            killGroup(child);
            reject(stopped.reason); // without waiting for whoever still holds its stderr
        };
        stopped.addEventListener("abort", stop, { once: true });
        child.once("error", (cause) => reject(failed({ binary, why: "cannot be started", cause })));
        child.once("close", (code, signal) => {
            if (code === 0) resolve();
            else reject(failed({ binary, why: `ended with ${signal ?? code}: ${said.trim()}` }));
        });
    });
}

/** Its own process group: a program that started others leaves none of them behind. */
function killGroup({ pid }: ChildProcess): void {
    if (pid === undefined) return;
    try {
        process.kill(-pid, "SIGKILL");
    } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
}

async function readProof({ binary, file }: { binary: string; file: string }): Promise<Proof> {
    try {
        return proofFromSnarkjs(JSON.parse(await readOwnFile(file)));
    } catch (cause) {
        throw failed({ binary, why: "wrote no proof", cause });
    }
}

/** What a program left under a name need not be a file: a link leads elsewhere, a pipe or a device never ends. */
async function readOwnFile(file: string): Promise<string> {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
        if (!(await handle.stat()).isFile()) throw new RangeError("no file");
        const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(MOST_PROOF_BYTES + 1), position: 0 });
        if (bytesRead > MOST_PROOF_BYTES) throw new RangeError(`more than ${MOST_PROOF_BYTES} bytes`);
        return buffer.toString("utf8", 0, bytesRead);
    } finally {
        await handle.close();
    }
}

function failed({ binary, why, cause }: { binary: string; why: string; cause?: unknown }): ProtocolError {
    return new ProtocolError({ code: "PROVER_FAILED", message: `${binary} ${why}.`, cause });
}
