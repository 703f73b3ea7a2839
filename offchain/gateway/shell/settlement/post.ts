import type { CrashPoint, Database } from "@assay/executor/journal";
import type { Hex } from "@assay/protocol";
import type { Logger } from "pino";
import { type Batch, insertSend, sendsOf } from "./batches.ts";
import type { LogChain } from "./logChain.ts";

/**
 * Sends a call from the relayer's account, in turn with all others of its key; gives the transaction's hash as soon as a
 * node has it. `onSigned` runs before anything leaves.
 */
export type Send = (
    call: { to: Hex; data: Hex },
    onSigned: (signed: { hash: Hex }) => Promise<void>,
) => Promise<{ hash: Hex }>;

/**
 * Posts a batch unless a transaction that was sent for it may still do so. A second transaction would be a waste of gas
 * and nothing more: the log takes a batch only at the sequence that it starts with.
 */
export async function postBatch(
    {
        database,
        chain,
        send,
        crash,
        log,
    }: { database: Database; chain: LogChain; send: Send; crash: CrashPoint; log: Logger },
    batch: Batch,
): Promise<void> {
    const { firstSequence, count } = batch;
    for (const hash of await sendsOf(database, firstSequence)) if (await chain.isUnderWay(hash)) return;
    crash("settlement.send.before");
    const { hash } = await send(chain.postingOf(batch), async (signed) => {
        await insertSend(database, { hash: signed.hash, firstSequence });
        crash("settlement.send.signed");
    });
    crash("settlement.send.acted");
    log.info({ firstSequence, count, txHash: hash }, "batch sent");
}
