import type { CrashPoint, Database } from "@assay/executor/journal";
import type { Logger } from "pino";
import type { Relayer } from "../relayer.ts";
import { type Batch, insertSend, sendsOf } from "./batches.ts";
import type { LogChain } from "./logChain.ts";

/** A batch costs about 100,000 gas whatever its size, and what its URI takes. */
const GAS_CAP = 1_000_000n;

/**
 * Posts a batch unless a transaction that was sent for it may still do so. A second transaction would be a waste of gas
 * and nothing more: the log takes a batch only at the sequence that it starts with.
 */
export async function postBatch(
    {
        database,
        chain,
        relayer,
        crash,
        log,
    }: { database: Database; chain: LogChain; relayer: Pick<Relayer, "send">; crash: CrashPoint; log: Logger },
    batch: Batch,
): Promise<void> {
    const { firstSequence, count } = batch;
    for (const hash of await sendsOf(database, firstSequence)) if (await chain.isUnderWay(hash)) return;
    crash("settlement.send.before");
    const hash = await relayer.send({
        ...chain.postingOf(batch),
        gasCap: GAS_CAP,
        onSigned: async (signed) => {
            await insertSend(database, { hash: signed.hash, firstSequence });
            crash("settlement.send.signed");
        },
    });
    crash("settlement.send.acted");
    log.info({ firstSequence, count, txHash: hash }, "batch sent");
}
