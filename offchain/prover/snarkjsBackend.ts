import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Proof, ProtocolError, proofFromSnarkjs } from "@assay/protocol";
import { z } from "zod";
import { withTimeLimit } from "./_timeLimit.ts";
import type { Backend, BackendJob } from "./backend.ts";

const memory = { keysBytes: z.number(), peakRssMb: z.number() };
const answer = z.discriminatedUnion("status", [
    z.object({ status: z.literal("proven"), proof: z.unknown(), ...memory }),
    z.object({ status: z.literal("failed"), why: z.string(), ...memory }),
]);

/** What the process says of one witness. */
export type Answer = z.output<typeof answer>;

const WORKER = fileURLToPath(new URL("./_snarkjsWorker.ts", import.meta.url));

/**
 * Proves by snarkjs in one process beside this one: the event loop stays free, a crash costs one proof, and ending it
 * gives all memory back. It is started for the first proof, and again after it died.
 */
export function createSnarkjsBackend({
    keyMemoryBytes,
    timeLimitMs,
}: {
    /** Keys that stay loaded; the one in use always does. */
    keyMemoryBytes: number;
    /** Of one proof. */
    timeLimitMs: number;
}): Backend & { keysBytes(): number } {
    let child: ChildProcess | undefined;
    let told = { keysBytes: 0, peakRssMb: 0 };

    function worker(): ChildProcess {
        if (child !== undefined) return child;
        const started = fork(WORKER, {
            execArgv: [],
            env: {},
            stdio: ["ignore", "ignore", "ignore", "ipc"],
            serialization: "advanced",
        });
        started.once("exit", () => {
            if (child === started) child = undefined;
        });
        child = started;
        return started;
    }

    async function ask({ key, witness, signal }: BackendJob): Promise<Answer> {
        const process = worker();
        const run = async (stopped: AbortSignal) => {
            const answered = answerOf({ process, stopped });
            process.send({ key, witness, keyMemoryBytes });
            return answered;
        };
        try {
            return await withTimeLimit({ timeLimitMs, signal, run });
        } catch (error) {
            await end(process); // it may still be at work on this witness
            throw error;
        }
    }

    return {
        isForeign: false,
        async prove(job): Promise<Proof> {
            const answered = await ask(job);
            told = answered;
            if (answered.status === "failed") {
                throw new ProtocolError({ code: "PROVER_FAILED", message: `snarkjs does not prove: ${answered.why}` });
            }
            return proofFromSnarkjs(answered.proof);
        },
        peakRssMb: () => told.peakRssMb,
        keysBytes: () => told.keysBytes,
        async close() {
            if (child !== undefined) await end(child);
        },
    };
}

/** Its next message; rejects when it ends without one, or is told to stop. */
async function answerOf({ process, stopped }: { process: ChildProcess; stopped: AbortSignal }): Promise<Answer> {
    const listening = new AbortController();
    const { signal } = listening;
    const message = once(process, "message", { signal }).then(([told]) => answer.parse(told), interrupted);
    const exit = once(process, "exit", { signal }).then(() => interrupted());
    const stop = once(stopped, "abort", { signal }).then(() => Promise.reject(stopped.reason));
    try {
        return await Promise.race([message, exit, stop]);
    } finally {
        listening.abort();
    }
}

function interrupted(cause?: unknown): never {
    throw new ProtocolError({ code: "PROVER_INTERRUPTED", cause });
}

async function end(process: ChildProcess): Promise<void> {
    if (process.exitCode !== null || process.signalCode !== null) return;
    const exited = once(process, "exit");
    process.kill("SIGKILL");
    await exited;
}
