import { ProtocolError } from "@assay/protocol";
import PQueue from "p-queue";
import { dueOf, type Step } from "../../core/stages.ts";
import type { Inference } from "../journal/inference.ts";
import { findInference } from "../journal/inferences.ts";
import { only, type PerformStep } from "./change.ts";
import { journalChange } from "./commit.ts";
import type { LifeDeps } from "./deps.ts";
import { drive } from "./drive.ts";
import { createJob, type Job } from "./job.ts";

type Deps = Pick<LifeDeps, "database" | "payments" | "settlement" | "limits" | "crash" | "log">;

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
    const { database, log } = deps;
    const jobs = new Map<string, Job>();
    const working = new Set<Promise<void>>();
    const stopping = new AbortController();
    const proofs = new PQueue({ concurrency: 1 });
    const driving = { ...deps, steps, onChange, proofs, stopping: stopping.signal };

    const begin: Workshop["begin"] = (one, onEnd) => {
        const job = createJob(one);
        jobs.set(one.id, job);
        log.debug({ id: one.id, stage: one.state.stage, flow: one.state.flow }, "inference begun");
        const lived = drive(driving, job).finally(() => {
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
            const one = await journalChange(deps, { one: found, change: only({ kind: "resumed" }) });
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
