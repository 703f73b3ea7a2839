import { createProverPool, type ProverOptions } from "./createProverPool.ts";
import type { Prover } from "./openModel.ts";

/**
 * Opens a compiled model directory for proving, with a proving program of its own; throws MODEL_DIR_INVALID and
 * PROVER_OPTION_INVALID. For several models, open them in one pool.
 *
 * @example
 * const prover = await createProver({ modelDir });
 * const { proof, c, output } = await prover.prove({ input, bind: bindOf(digest) });
 * await prover.close();
 */
export async function createProver({ modelDir, ...options }: { modelDir: string } & ProverOptions): Promise<Prover> {
    const pool = createProverPool(options);
    const prover = await pool.open({ modelDir });
    return { ...prover, close: () => pool.close() };
}
