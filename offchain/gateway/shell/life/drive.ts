import { setTimeout as sleep } from "node:timers/promises";
import type PQueue from "p-queue";
import { faultText, pauseMs, remedyOf } from "../../core/remedy.ts";
import { dueOf, type Step } from "../../core/stages.ts";
import type { Inference } from "../journal/inference.ts";
import { findInference } from "../journal/inferences.ts";
import { type Change, only, type PerformStep } from "./change.ts";
import { commit } from "./commit.ts";
import type { LifeDeps } from "./deps.ts";
import { isUnpaidWork, type Job } from "./job.ts";

type Deps = Pick<LifeDeps, "database" | "payments" | "settlement" | "limits" | "crash" | "log"> & {
    steps: Record<Step, PerformStep>;
    /** Proofs take all cores there are: one at a time, and nobody waits for them. */
    proofs: PQueue;
    /** Aborted when the process ends. */
    stopping: AbortSignal;
    onChange: (one: Inference) => void;
};

/** Drives a job to its end; when the journal fails, what it holds is taken up again. */
export async function drive(deps: Deps, job: Job): Promise<void> {
    const { limits, stopping, log } = deps;
    for (let defects = 0; !stopping.aborted; defects++) {
        try {
            if (defects > 0) await reload(deps, job);
            return await takeSteps(deps, job);
        } catch (error) {
            if (stopping.aborted) return;
            log.error({ err: error, id: job.one.id }, "an inference was cut off");
            job.fail(error);
            const ms = Math.min(limits.retryMs * 2 ** defects, limits.maxRetryMs);
            await sleep(ms, undefined, { signal: stopping }).catch(() => {});
        }
    }
}

async function reload(deps: Deps, job: Job): Promise<void> {
    job.one = (await findInference(deps.database, job.one.id)) ?? job.one;
    await commit(deps, { job, change: only({ kind: "resumed" }) });
}

async function takeSteps(deps: Deps, job: Job): Promise<void> {
    for (let step = dueOf(job.one.state); step !== undefined; step = dueOf(job.one.state)) {
        deps.stopping.throwIfAborted();
        await takeStep(deps, { job, step });
    }
}

async function takeStep(deps: Deps, { job, step }: { job: Job; step: Step }): Promise<void> {
    const { limits, crash, stopping } = deps;
    if (isUnpaidWork(job.one.state) && job.abandoned.signal.aborted) {
        return commit(deps, { job, change: only({ kind: "abandoned" }) });
    }
    const ms = pauseMs({ state: job.one.state, ...limits });
    if (ms > 0) await sleep(ms, undefined, { signal: stopping });
    crash(`${step}.before`);
    const change = await perform(deps, { job, step }).catch(async (error: unknown) => {
        stopping.throwIfAborted();
        if (step === "sign" && (await isSigned(deps, job))) {
            deps.settlement.wake();
            throw error;
        }
        return remedy(deps, { job, step, error });
    });
    crash(`${step}.acted`);
    await commit(deps, { job, change: isGivenUp(job, change) ? only({ kind: "abandoned" }) : change });
    crash(`${step}.journalled`);
}

/** Whether a model answered whom nobody waits for: some do not stop when they are told to. */
function isGivenUp({ one, abandoned }: Job, { event }: Change): boolean {
    return abandoned.signal.aborted && isUnpaidWork(one.state) && event.kind === "ran";
}

/** Whether the statement is journalled, although the journal did not come to say so: then nothing is signed again. */
async function isSigned({ database }: Deps, { one }: Job): Promise<boolean> {
    return (await findInference(database, one.id))?.signed !== undefined;
}

function perform({ steps, proofs, stopping }: Deps, { job, step }: { job: Job; step: Step }): Promise<Change> {
    // What is paid for, or about to be, is finished even if nobody waits any more.
    const signal = isUnpaidWork(job.one.state) ? AbortSignal.any([stopping, job.abandoned.signal]) : stopping;
    const work = async () => {
        signal.throwIfAborted();
        return steps[step]({ one: job.one, signal, onPiece: job.onPiece });
    };
    return step === "prove" ? proofs.add(work) : work();
}

/** What a step that failed comes to. */
function remedy({ limits, log }: Deps, { job, step, error }: { job: Job; step: Step; error: unknown }): Change {
    const { evidenceTries } = limits;
    const event = remedyOf({ step, state: job.one.state, text: faultText(error), evidenceTries });
    const isWanted = !job.abandoned.signal.aborted;
    if (isWanted) log.warn({ err: error, id: job.one.id, step, event: event.kind }, "step failed");
    // Who did not pay is told what went wrong, and not only what it came to.
    const isOver = event.kind === "abandoned" || event.kind === "lost";
    if (isWanted && isOver && !job.one.state.isPaid) job.fail(error);
    return only(event);
}
