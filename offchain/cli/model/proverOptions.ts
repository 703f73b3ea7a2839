import { ProtocolError } from "@assay/protocol";
import type { ProverOptions } from "@assay/prover";
import { z } from "zod";
import type { Shell } from "../io/shell.ts";
import { count } from "../values.ts";

const environment = z.object({
    ASSAY_RAPIDSNARK: z.string().min(1).optional(),
    ASSAY_PROVER_KEY_MB: count.optional(),
    ASSAY_PROVER_TIMEOUT_MS: count.optional(),
});

/**
 * How to prove, from the environment: a rapidsnark-compatible program in place of snarkjs, MiB of proving keys kept in
 * memory, milliseconds that one proof may take. Throws PROVER_OPTION_INVALID.
 */
export function proverOptions({ env }: Pick<Shell, "env">): ProverOptions {
    const parsed = environment.safeParse(env);
    if (!parsed.success) {
        throw new ProtocolError({ code: "PROVER_OPTION_INVALID", message: `${z.prettifyError(parsed.error)}.` });
    }
    const { ASSAY_RAPIDSNARK, ASSAY_PROVER_KEY_MB, ASSAY_PROVER_TIMEOUT_MS } = parsed.data;
    return { rapidsnark: ASSAY_RAPIDSNARK, keyMemoryMb: ASSAY_PROVER_KEY_MB, timeLimitMs: ASSAY_PROVER_TIMEOUT_MS };
}
