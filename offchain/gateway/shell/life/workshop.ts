import { setTimeout as sleep } from "node:timers/promises";
import type { Session } from "@assay/executor/journal";
import { ProtocolError } from "@assay/protocol";
import PQueue from "p-queue";
import { faultText, pauseMs, remedyOf } from "../../core/remedy.ts";
import { dueOf, isReleased, type State, type Step } from "../../core/stages.ts";
import type { Inference } from "../journal/inference.ts";
import { eraseContents, findInference, saveState } from "../journal/inferences.ts";
import { findPayment, releasePayment } from "../journal/ledger.ts";
import { applied, type Change, only, type PerformStep } from "./change.ts";
import type { LifeDeps } from "./deps.ts";
import { createJob, isUnpaidWork, type Job } from "./job.ts";
import { paymentResponseOf } from "./replies.ts";

type Deps = Pick<LifeDeps, "database" | "payments" | "limits" | "crash" | "log">;

/** Works on inferences, each in the order of its stages and at most once at a time. */
export type Workshop = {
    find: (id: string) => Job | undefined;
    /** Begins with one that was just journalled; `onEnd` is called when nothing of it is under way. */
    begin: (one: Inference, onEnd: () => void) => Job;
    /** Goes on with one that the process left unfinished. */
    resume: (id: string) => Promise<void>;
    size: () => number;
    stop: () => Promise<void>;
};

/** A workshop that does nothing yet. */
export function createWorkshop(
    deps: Deps,
    { steps, onChange }: { steps: Record<Step, PerformStep>; onChange: (one: Inference) => void },
): Workshop {
    const { database, payments, limits, crash, log } = deps;
    const jobs = new Map<string, Job>();
    const working = new Set<Promise<void>>();
    const stopping = new AbortController();
    // Proofs take all cores there are: one at a time, and nobody waits for them.
    const proofs = new PQueue({ concurrency: 1 });

    const commit = async (job: Job, change: Change) => {
        const next = applied(job.one, change);
        const { state: before } = job.one;
        const isGivenBack = isReleased(next.state) && !isReleased(before);
        const save = async (session: Session) => {
            if (change.isSaved !== true) await change.save(session, next);
            if (isGivenBack) await forget(session, next);
        };
        await (isGivenBack || change.isMany === true ? database.transaction(save) : save(database));
        job.one = next;
        if (countsNoMore(before, next.state)) await stopCounting(next);
        if (change.event.kind === "settled" && next.wanted.isStream) {
            job.paymentResponse = await paymentResponseOf(deps, next);
        }
        const { stage, reason, faults } = next.state;
        log.debug({ id: next.id, event: change.event.kind, stage, reason, faults }, "inference moved");
        job.tell();
        onChange(next);
    };
    /** What was set aside of the payer's balance for it has moved, or is free again. */
    const stopCounting = async ({ id, held }: Inference) => {
        const found = held ?? (await findPayment(database, id));
        if (found !== undefined) payments.release(found.payment);
    };
    const perform = (job: Job, step: Step): Promise<Change> => {
        const signal = AbortSignal.any([stopping.signal, job.abandoned.signal]);
        const work = async () => {
            signal.throwIfAborted();
            return steps[step]({ one: job.one, signal, onPiece: job.onPiece });
        };
        return step === "prove" ? proofs.add(work) : work();
    };
    const remedy = (job: Job, { step, error }: { step: Step; error: unknown }): Change => {
        const { evidenceTries } = limits;
        const event = remedyOf({ step, state: job.one.state, text: faultText(error), evidenceTries });
        const isWanted = !job.abandoned.signal.aborted;
        if (isWanted) log.warn({ err: error, id: job.one.id, step, event: event.kind }, "step failed");
        // Who did not pay is told what went wrong, and not only what it came to.
        const isOver = event.kind === "abandoned" || event.kind === "lost";
        if (isWanted && isOver && !job.one.state.isPaid) job.fail(error);
        return only(event);
    };
    const takeStep = async (job: Job, step: Step) => {
        if (isUnpaidWork(job.one.state) && job.abandoned.signal.aborted) {
            return commit(job, only({ kind: "abandoned" }));
        }
        const ms = pauseMs({ state: job.one.state, ...limits });
        if (ms > 0) await sleep(ms, undefined, { signal: stopping.signal });
        crash(`${step}.before`);
        const change = await perform(job, step).catch((error: unknown) => {
            stopping.signal.throwIfAborted();
            return remedy(job, { step, error });
        });
        crash(`${step}.acted`);
        await commit(job, change);
        crash(`${step}.journalled`);
    };
    const drive = async (job: Job) => {
        for (let step = dueOf(job.one.state); step !== undefined; step = dueOf(job.one.state)) {
            stopping.signal.throwIfAborted();
            await takeStep(job, step);
        }
    };
    /** Drives a job to its end; when the journal fails, what it holds is taken up again. */
    const live = async (job: Job) => {
        for (let defects = 0; !stopping.signal.aborted; defects++) {
            try {
                if (defects > 0) await reload(job);
                return await drive(job);
            } catch (error) {
                if (stopping.signal.aborted) return;
                log.error({ err: error, id: job.one.id }, "an inference was cut off");
                job.fail(error);
                const ms = Math.min(limits.retryMs * 2 ** defects, limits.maxRetryMs);
                await sleep(ms, undefined, { signal: stopping.signal }).catch(() => {});
            }
        }
    };
    const reload = async (job: Job) => {
        job.one = (await findInference(database, job.one.id)) ?? job.one;
        const change = only({ kind: "resumed" });
        if (applied(job.one, change).state !== job.one.state) await commit(job, change);
    };
    const begin: Workshop["begin"] = (one, onEnd) => {
        const job = createJob(one);
        jobs.set(one.id, job);
        log.debug({ id: one.id, stage: one.state.stage, flow: one.state.flow }, "inference begun");
        const lived = live(job).finally(() => {
            jobs.delete(one.id);
            working.delete(lived);
            job.fail(new ProtocolError({ code: "GATEWAY_STOPPING" }));
            onEnd();
        });
        working.add(lived);
        return job;
    };

    return {
        find: (id) => jobs.get(id),
        begin,
        resume: async (id) => {
            const found = await findInference(database, id);
            if (found === undefined) return;
            const one = applied(found, { event: { kind: "resumed" } });
            await database.transaction(async (session) => {
                await saveState(session, one);
                if (isReleased(one.state)) await forget(session, one);
            });
            if (dueOf(one.state) !== undefined) begin(one, () => {});
        },
        size: () => jobs.size,
        stop: async () => {
            stopping.abort();
            proofs.clear();
            await Promise.allSettled(working);
        },
    };
}

/** Whether a payment will never be settled, or was found settled: what settling itself tells is known already. */
function countsNoMore(before: State, next: State): boolean {
    const isFound = before.doubt === "outcome" && !before.isPaid && next.isPaid;
    const isOver = before.stage !== "failed" && next.stage === "failed";
    return next.flow !== "free" && (isFound || (isOver && !next.isPaid));
}

/** Gives an authorization free; of what nobody paid for, nothing is kept that could fill the disk. */
async function forget(session: Session, one: Inference): Promise<void> {
    await releasePayment(session, one.id);
    await eraseContents(session, { ...one, verdict: undefined });
}
