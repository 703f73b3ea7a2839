import { setImmediate } from "node:timers/promises";
import type { Database } from "@assay/executor/journal";
import { type Hex, leafOf } from "@assay/protocol";
import type { Logger } from "pino";
import { entriesFrom, type LeafEntry } from "../../core/settlement.ts";
import { type Batch, insertBatch } from "./batches.ts";
import { growTree } from "./growTree.ts";
import { leavesFrom } from "./leaves.ts";
import type { LogChain, LogView } from "./logChain.ts";

/** Leaves hashed at once, about 5 ms of work: requests are answered in between. */
const LEAVES_AT_ONCE = 100;

/** Makes a batch of the leaves that wait, and journals it; undefined if none follow on what the log holds. */
export async function formBatch(
    {
        database,
        chain,
        dataUri,
        log,
    }: { database: Database; chain: LogChain; dataUri: (firstSequence: number) => string; log: Logger },
    { view, most, fillsGaps }: { view: LogView; most: number; fillsGaps: boolean },
): Promise<Batch | undefined> {
    const { next, block: madeAtBlock } = view;
    const { executor } = chain;
    const rows = await leavesFrom(database, { sequence: next, most });
    const { entries, faults } = entriesFrom({ next, rows, most, fillsGaps });
    for (const { sequence, code } of faults) log.error({ code, sequence }, "a receipt cannot be proven by the log");
    if (entries.length === 0) return undefined;
    const leaves = await hashLeaves({ executor, entries });
    const { root, depth } = await growTree(leaves);
    const batch: Batch = {
        firstSequence: next,
        count: leaves.length,
        root,
        depth,
        data: dataUri(next),
        madeAtBlock,
        batch: undefined,
        transaction: undefined,
    };
    await insertBatch(database, batch, leaves);
    return batch;
}

async function hashLeaves({ executor, entries }: { executor: Hex; entries: readonly LeafEntry[] }): Promise<Hex[]> {
    const leaves: Hex[] = [];
    for (const entry of entries) {
        if (leaves.length % LEAVES_AT_ONCE === LEAVES_AT_ONCE - 1) await setImmediate();
        leaves.push(leafOf({ executor, ...entry }));
    }
    return leaves;
}
