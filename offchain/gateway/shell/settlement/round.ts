import type { CrashPoint, Database } from "@assay/executor/journal";
import type { Logger } from "pino";
import type { Relayer } from "../relayer.ts";
import { openBatches } from "./batches.ts";
import { formBatch } from "./form.ts";
import { leavesFrom } from "./leaves.ts";
import type { LogChain, LogView } from "./logChain.ts";
import { postBatch } from "./post.ts";
import { reconcile } from "./reconcile.ts";

/** What is known after a round. */
export type RoundEnd = {
    /** All sequences below are in the log beyond doubt. */
    settledUpTo: number;
    /** First sequence that is in no batch. */
    unbatchedFrom: number;
    /** Whether a batch is under way. */
    isOpen: boolean;
};

/** One round of settlement: read the log, take note of what it holds, make a batch if one is due, post what is to be posted. */
export type Round = (question: { isDue: boolean }) => Promise<RoundEnd>;

type Deps = {
    database: Database;
    chain: LogChain;
    relayer: Pick<Relayer, "send">;
    mostReceipts: number;
    confirmations: number;
    gapPatienceMs: number;
    dataUri: (firstSequence: number) => string;
    crash: CrashPoint;
    log: Logger;
};

/** Rounds that remember how far the chain was, and since when a sequence is missing. */
export function createRound(deps: Deps): Round {
    const { database, chain, confirmations, mostReceipts } = deps;
    const mayFill = createGapWatch(deps);
    let last: (RoundEnd & { head: number }) | undefined;

    return async ({ isDue }) => {
        const head = await chain.head();
        // One of several nodes behind the endpoint lags, or a reorganisation is under way: nothing can be concluded.
        if (last !== undefined && head < last.head) return last;
        const view = await chain.viewAt(head);
        const final = confirmations === 0 ? view : await chain.viewAt(Math.max(0, head - confirmations));
        await reconcile(deps, final);

        const open = await openBatches(database);
        const current = open.find(({ firstSequence, count }) => firstSequence + count > view.next);
        const room = (current?.firstSequence ?? Number.POSITIVE_INFINITY) - view.next;
        if (isDue && room > 0) {
            const most = Math.min(mostReceipts, room);
            deps.crash("settlement.form.before");
            const formed = await formBatch(deps, { view, most, fillsGaps: await mayFill(view) });
            deps.crash("settlement.form.acted");
            if (formed !== undefined) open.push(formed);
        }
        const next = open.find(({ firstSequence }) => firstSequence === view.next);
        if (next !== undefined) await postBatch(deps, next);

        const unbatchedFrom = Math.max(view.next, ...open.map(({ firstSequence, count }) => firstSequence + count));
        last = { head, settledUpTo: final.next, unbatchedFrom, isOpen: open.length > 0 };
        return last;
    };
}

/** Whether the sequence that comes next has been missing for so long, with others behind it, that it will not come. */
function createGapWatch({ database, gapPatienceMs, log }: Deps): (view: LogView) => Promise<boolean> {
    let gap: { sequence: number; sinceMs: number } | undefined;
    return async ({ next }) => {
        const [first] = await leavesFrom(database, { sequence: next, most: 1 });
        if (first === undefined || first.sequence === next) {
            gap = undefined;
            return false;
        }
        if (gap?.sequence !== next) {
            gap = { sequence: next, sinceMs: performance.now() };
            log.error({ code: "GATEWAY_LEAF_MISSING", sequence: next }, "a leaf is missing, others wait behind it");
        }
        return performance.now() - gap.sinceMs >= gapPatienceMs;
    };
}
