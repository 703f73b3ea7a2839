import type { Database } from "@assay/executor/journal";
import { lastSequence } from "../journal/inferences.ts";
import type { ChainFacts } from "./chainFacts.ts";

/** Gives out the executor's count of receipts: one at a time, so that none is skipped and none given twice. */
export type Sequencer = {
    /** Runs work that journals the sequence it is given; only when it did, the next one is given out. */
    next: <T>(work: (sequence: number) => Promise<T>) => Promise<T>;
};

/**
 * Goes on behind the journal, and not before what the log expects: a journal that was lost must not give out again what
 * was recorded.
 */
export function createSequencer({
    database,
    chain,
}: {
    database: Database;
    chain: Pick<ChainFacts, "nextSequence">;
}): Sequencer {
    let turn: Promise<unknown> = Promise.resolve();
    let upcoming: number | undefined;

    const first = async () => {
        const last = await lastSequence(database);
        return Math.max(last === undefined ? 0 : last + 1, await chain.nextSequence());
    };
    const take = async <T>(work: (sequence: number) => Promise<T>): Promise<T> => {
        const sequence = upcoming ?? (await first());
        // Unknown again until the work is journalled: after a fault only the journal can say whether it was.
        upcoming = undefined;
        const result = await work(sequence);
        upcoming = sequence + 1;
        return result;
    };
    return {
        next: (work) => {
            const taken = turn.then(() => take(work));
            turn = taken.catch(() => {});
            return taken;
        },
    };
}
