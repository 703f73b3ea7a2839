import type { Hex } from "@assay/protocol";
import type { Logger } from "pino";
import { decide } from "../../core/decide.ts";
import type { Effect, RequestEvent } from "../../core/events.ts";
import type { RequestState, Rules } from "../../core/state.ts";
import type { Wanted } from "../../core/wanted.ts";
import type { Database, Session } from "../journal/database.ts";
import { appendHistory, findState, insertRequest, updateState } from "../journal/requests.ts";

/** Something that happened to a request; `born` comes with the event that may be the first. */
export type Report = { requestId: Hex; event: RequestEvent; born?: { wanted: Wanted; input: Uint8Array } };

/** Decides on what happened, and says whether it made a difference. */
export type Reporter = (report: Report) => Promise<boolean>;

/** Work in one transaction: it may write what it likes, and reports what happened. */
export type Work = (parts: { session: Session; report: Reporter }) => Promise<void>;

/** Decides, journals, and only then has anything done. */
export type Decisions = {
    /** Runs work; when it returns, everything is journalled and the effects are under way. */
    run: (work: Work) => Promise<void>;
};

type Waiting = { work: Work; resolve: () => void; reject: (error: unknown) => void };
type Change = { before: RequestState | undefined; after: RequestState; event: RequestEvent };

/**
 * One transaction at a time. Work that arrives meanwhile is committed together in the next one, so that many requests
 * share the cost of a commit; if that fails, each is tried alone, so that one cannot spoil the others.
 */
export function createDecisions({
    database,
    rules,
    perform,
    log,
}: {
    database: Database;
    rules: Rules;
    perform: (effect: Effect) => void;
    log: Logger;
}): Decisions {
    const waiting: Waiting[] = [];
    let running = false;

    const commit = async (batch: readonly Waiting[]) => {
        const changes: Change[] = [];
        const effects: Effect[] = [];
        await database.transaction(async (session) => {
            const report: Reporter = async (report) => {
                const decided = await apply({ session, rules, report });
                effects.push(...decided.effects);
                if (decided.change !== undefined) changes.push(decided.change);
                return decided.change !== undefined;
            };
            for (const { work } of batch) await work({ session, report });
        });
        for (const change of changes) tell({ log, change });
        for (const effect of effects) perform(effect);
    };

    const drain = async () => {
        running = true;
        for (let batch = waiting.splice(0); batch.length > 0; batch = waiting.splice(0)) {
            const together = await settle({ batch, commit });
            if (together || batch.length === 1) continue;
            for (const one of batch) await settle({ batch: [one], commit });
        }
        running = false;
    };

    return {
        run: (work) =>
            new Promise((resolve, reject) => {
                waiting.push({ work, resolve, reject });
                if (!running) void drain();
            }),
    };
}

/** Commits a batch and tells its owners; false if they have to be tried one by one. */
async function settle({
    batch,
    commit,
}: {
    batch: readonly Waiting[];
    commit: (batch: readonly Waiting[]) => Promise<void>;
}): Promise<boolean> {
    try {
        await commit(batch);
        for (const { resolve } of batch) resolve();
        return true;
    } catch (error) {
        if (batch.length === 1) for (const { reject } of batch) reject(error);
        return false;
    }
}

async function apply({
    session,
    rules,
    report,
}: {
    session: Session;
    rules: Rules;
    report: Report;
}): Promise<{ effects: readonly Effect[]; change: Change | undefined }> {
    const { requestId, event, born } = report;
    const before = await findState(session, requestId);
    const { state: after, effects } = decide({ rules, state: before, event });
    if (after === undefined || after === before) return { effects, change: undefined };
    if (before !== undefined) await updateState(session, { state: after });
    else if (born !== undefined) await insertRequest(session, { state: after, ...born });
    const detail = after.outcome === undefined ? "" : `${after.outcome.code}: ${after.outcome.detail}`;
    await appendHistory(session, { requestId, event: event.kind, stage: after.stage, detail });
    return { effects, change: { before, after, event } };
}

function tell({ log, change: { before, after, event } }: { log: Logger; change: Change }): void {
    const { requestId, stage, outcome } = after;
    const line = { requestId, event: event.kind, stage };
    if (event.kind === "fault") {
        log.warn({ ...line, code: event.code, detail: event.detail }, "step failed");
    } else if (outcome !== undefined && before?.outcome !== outcome) {
        log.info({ ...line, code: outcome.code, detail: outcome.detail }, "request ended");
    } else {
        log.debug(line, "request moved");
    }
}
