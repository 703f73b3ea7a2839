import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ProtocolError } from "@assay/protocol";
import { z } from "zod";

/** What the process of a setup does with files; each job is one call of snarkjs. */
export type Phase2Job =
    | { op: "verifyPtau"; ptau: string }
    /** The key that contributions start from. */
    | { op: "begin"; r1cs: string; ptau: string; to: string }
    /** A contribution from fresh randomness. */
    | { op: "contribute"; from: string; to: string; name: string }
    | { op: "beacon"; from: string; to: string; name: string; value: string; iterationsLog2: number }
    /** Whether a key follows from the one that contributions started from. */
    | { op: "verify"; start: string; ptau: string; key: string };

const op = z.enum(["verifyPtau", "begin", "contribute", "beacon", "verify"]);
const message = z.discriminatedUnion("about", [
    z.object({ about: z.literal("begun"), op }),
    z.object({ about: z.literal("refused"), op, says: z.string() }),
    z.object({ about: z.literal("done") }),
]);

/** What the process tells: each job as it begins, then how it ended. */
export type Phase2Message = z.output<typeof message>;
/** The first job that snarkjs refuses, and the last it said. */
export type Phase2Refusal = Extract<Phase2Message, { about: "refused" }>;

const WORKER = fileURLToPath(new URL("./_phase2Worker.ts", import.meta.url));

const ABOUT: Record<Phase2Job["op"], string> = {
    verifyPtau: "verifying the powers of tau: minutes for a large file",
    begin: "making the key of the circuit from the powers of tau",
    contribute: "contributing randomness",
    beacon: "applying the beacon",
    verify: "verifying every contribution",
};

/**
 * Does jobs one after the other in a process of its own; undefined: snarkjs agreed with all. The end of the process gives
 * every page back to the system, which clears it: that is how the secret of a contribution is wiped, which neither
 * JavaScript nor wasm can do. Throws SETUP_INTERRUPTED when it ends without an answer, and the reason of `signal` when
 * that aborts it.
 */
export async function runPhase2({
    jobs,
    onProgress = () => {},
    signal,
}: {
    jobs: readonly Phase2Job[];
    onProgress?: ((line: string) => void) | undefined;
    signal?: AbortSignal | undefined;
}): Promise<Phase2Refusal | undefined> {
    signal?.throwIfAborted();
    const child = fork(WORKER, { execArgv: [], env: {}, stdio: ["ignore", "ignore", "ignore", "ipc"] });
    const kill = (): void => {
        child.kill("SIGKILL");
    };
    signal?.addEventListener("abort", kill, { once: true });
    try {
        return await new Promise((resolve, reject) => {
            child.on("message", (told) => {
                const parsed = message.parse(told);
                if (parsed.about === "begun") onProgress(ABOUT[parsed.op]);
                else resolve(parsed.about === "refused" ? parsed : undefined);
            });
            child.once("error", reject);
            child.once("exit", () => {
                reject(signal?.aborted ? signal.reason : new ProtocolError({ code: "SETUP_INTERRUPTED" }));
            });
            child.send(jobs, (fault) => fault !== null && reject(fault));
        });
    } finally {
        signal?.removeEventListener("abort", kill);
        kill();
    }
}
