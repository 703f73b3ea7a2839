import type { CrashPoint, Database } from "@assay/executor/journal";
import type { Logger } from "pino";
import { deleteBatch, openBatches, reopenBatches, settleBatch } from "./batches.ts";
import type { LogChain, LogView } from "./logChain.ts";

/** Holds the journal's batches against a block that is beyond doubt. What the log says decides, whatever was sent. */
export async function reconcile(
    { database, chain, crash, log }: { database: Database; chain: LogChain; crash: CrashPoint; log: Logger },
    final: LogView,
): Promise<void> {
    const reopened = await reopenBatches(database, final.next);
    if (reopened > 0) log.warn({ code: "GATEWAY_BATCH_REORGANISED", batches: reopened }, "batches are posted again");
    for (const batch of await openBatches(database)) {
        const { firstSequence, count } = batch;
        if (final.next <= firstSequence) return;
        const number = await chain.numberOf(batch, final);
        if (number === undefined) {
            // Batches are posted whole, so that ours can never follow any more: its leaves beyond get another one.
            const overtaken = { firstSequence, nextSequence: Math.min(final.next, firstSequence + count) };
            log.error({ code: "GATEWAY_BATCH_FOREIGN", ...overtaken }, "somebody else posted in the executor's name");
            await deleteBatch(database, firstSequence);
            continue;
        }
        const transaction = await chain.transactionOf(batch, final);
        crash("settlement.settle.before");
        await settleBatch(database, { firstSequence, batch: number, transaction });
        crash("settlement.settle.acted");
        log.info({ firstSequence, count, batch: number, txHash: transaction }, "batch settled");
    }
}
