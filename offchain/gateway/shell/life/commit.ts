import type { Session } from "@assay/executor/journal";
import { isReleased, type State } from "../../core/stages.ts";
import type { Inference } from "../journal/inference.ts";
import { eraseContents } from "../journal/inferences.ts";
import { findPayment, releasePayment } from "../journal/ledger.ts";
import { applied, type Change } from "./change.ts";
import type { LifeDeps } from "./deps.ts";
import type { Job } from "./job.ts";
import { paymentResponseOf } from "./replies.ts";

type Deps = Pick<LifeDeps, "database" | "payments" | "log"> & { onChange: (one: Inference) => void };

/** Journals a change of what a job is about; only then does the job move, and whoever waits or watches is told. */
export async function commit(deps: Deps, { job, change }: { job: Job; change: Change }): Promise<void> {
    const { state: before } = job.one;
    const next = await journalChange(deps, { one: job.one, change });
    job.one = next;
    if (countsNoMore(before, next.state)) await stopCounting(deps, next);
    if (change.event.kind === "settled" && next.wanted.isStream) {
        job.paymentResponse = await paymentResponseOf(deps, next);
    }
    const { stage, reason, faults } = next.state;
    deps.log.debug({ id: next.id, event: change.event.kind, stage, reason, faults }, "inference moved");
    job.tell();
    deps.onChange(next);
}

/** Journals a change, and that the authorization is free again if that is what it comes to; the inference as it is then. */
export async function journalChange(
    { database }: Pick<Deps, "database">,
    { one, change }: { one: Inference; change: Change },
): Promise<Inference> {
    const next = applied(one, change);
    const isGivenBack = isReleased(next.state) && !isReleased(one.state);
    const save = async (session: Session) => {
        if (change.isSaved !== true) await change.save(session, next);
        if (isGivenBack) await forget(session, next);
    };
    await (isGivenBack || change.isMany === true ? database.transaction(save) : save(database));
    return next;
}

/** Gives an authorization free; of what nobody paid for, nothing is kept that could fill the disk. */
async function forget(session: Session, one: Inference): Promise<void> {
    await releasePayment(session, one.id);
    await eraseContents(session, { ...one, verdict: undefined });
}

/** Whether a payment will never be settled, or was found settled: what settling itself tells is known already. */
function countsNoMore(before: State, next: State): boolean {
    const isFound = before.doubt === "outcome" && !before.isPaid && next.isPaid;
    const isOver = before.stage !== "failed" && next.stage === "failed";
    return next.flow !== "free" && (isFound || (isOver && !next.isPaid));
}

/** What was set aside of the payer's balance for it has moved, or is free again. */
async function stopCounting({ database, payments }: Deps, one: Inference): Promise<void> {
    const found = await findPayment(database, one);
    if (found !== undefined) payments.release(found.payment);
}
