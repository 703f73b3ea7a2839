import { ProtocolError } from "@assay/protocol";
import { z } from "zod";
import { createQueue } from "./_queue.ts";
import type { Backend } from "./backend.ts";
import { openModel, type Prover } from "./openModel.ts";
import { createRapidsnarkBackend } from "./rapidsnarkBackend.ts";
import { createSnarkjsBackend } from "./snarkjsBackend.ts";

const MIB = 2 ** 20;
const options = z.object({
    rapidsnark: z.string().min(1).optional(),
    keyMemoryMb: z.number().int().min(1).max(1_000_000).default(1_024),
    timeLimitMs: z.number().int().min(1).max(86_400_000).default(600_000),
    waiting: z.number().int().min(0).max(100_000).default(1_000),
});

/** What may be set of a prover. */
export type ProverOptions = {
    /** Program that is called as rapidsnark is; snarkjs proves unless it is given. */
    rapidsnark?: string | undefined;
    /** Proving keys kept in memory, MiB: 1 to 1,000,000, 1,024 unless told. The least used go first. */
    keyMemoryMb?: number | undefined;
    /** For one proof: 1 to 86,400,000, 600,000 unless told. */
    timeLimitMs?: number | undefined;
    /** Proofs that may wait for their turn: 0 to 100,000, 1,000 unless told. */
    waiting?: number | undefined;
};

/** Proves inferences of many models with one proving program, one proof at a time. */
export interface ProverPool {
    /** Opens a compiled model directory; throws MODEL_DIR_INVALID. */
    open(parts: { modelDir: string }): Promise<Prover>;
    /** Waits for the proofs under way and ends the proving program. */
    close(): Promise<void>;
}

/**
 * A pool of provers that share one proving program and its memory: a proof uses every core by itself, so two at a time
 * would only need twice the memory. Throws PROVER_OPTION_INVALID.
 *
 * @example
 * const pool = createProverPool({ keyMemoryMb: 2_048 });
 * const prover = await pool.open({ modelDir });
 * const { proof } = await prover.prove({ input, bind });
 * await pool.close();
 */
export function createProverPool(given: ProverOptions = {}): ProverPool {
    const parsed = options.safeParse(given);
    if (!parsed.success) {
        throw new ProtocolError({ code: "PROVER_OPTION_INVALID", message: `${z.prettifyError(parsed.error)}.` });
    }
    const { waiting, ...settings } = parsed.data;
    const backend = backendOf(settings);
    const queue = createQueue({ waiting });
    let isClosed = false;
    return {
        async open({ modelDir }) {
            if (isClosed) throw new ProtocolError({ code: "PROVER_CLOSED" });
            return openModel({ backend, queue, isClosed: () => isClosed }, { modelDir });
        },
        async close() {
            isClosed = true;
            await queue.idle();
            await backend.close();
        },
    };
}

type Settings = Omit<z.output<typeof options>, "waiting">;

function backendOf({ rapidsnark, keyMemoryMb, timeLimitMs }: Settings): Backend {
    if (rapidsnark !== undefined) return createRapidsnarkBackend({ binary: rapidsnark, timeLimitMs });
    return createSnarkjsBackend({ keyMemoryBytes: keyMemoryMb * MIB, timeLimitMs });
}
