import type { Hex } from "@assay/protocol";
import type { Effect, RequestEvent } from "../../core/events.ts";
import type { Step } from "../../core/state.ts";
import type { CrashPoint } from "../crash.ts";
import type { Session } from "../journal/database.ts";
import type { Decisions } from "./decisions.ts";
import { faultEvent } from "./faults.ts";
import type { Lane } from "./lane.ts";

/** What a step found out, and what is journalled together with it. */
export type StepResult = {
    event: RequestEvent;
    write?: (session: Session) => Promise<void>;
    /** Called when all of it is journalled. */
    afterwards?: () => void;
};

/** Performs one step of a request; it may be started again after a crash, so whatever it does must be safe to do twice. */
export type PerformStep = (parts: { requestId: Hex; signal: AbortSignal }) => Promise<StepResult>;

/** How a step is performed. That a heavy one begins is journalled: if the process ends with it, it is to blame. */
export type StepDefinition = { lane: Lane; perform: PerformStep; heavy?: boolean };

/** Has steps performed, at most one per request at a time. */
export type Performer = { perform: (effect: Effect) => void; stop: () => Promise<void> };

type Running = { step: Step; controller: AbortController; reported: boolean; done: Promise<void> };

/**
 * Performs effects. Around each step are three crash points: `before` (the intention is journalled, nothing is done),
 * `acted` (done, not journalled) and `journalled`.
 */
export function createPerformer({
    steps,
    urgencyOf,
    decisions,
    crash,
    onDefect,
}: {
    steps: Record<Step, StepDefinition>;
    urgencyOf: (requestId: Hex) => Promise<number>;
    /** A function, since decisions and performer need each other. */
    decisions: () => Decisions;
    crash: CrashPoint;
    /** The journal itself failed: nothing can be relied on any more. */
    onDefect: (error: unknown) => void;
}): Performer {
    const running = new Map<Hex, Running>();
    const timers = new Set<NodeJS.Timeout>();
    let stopped = false;

    const report = async ({ requestId, result }: { requestId: Hex; result: StepResult }) => {
        await decisions().run(async ({ session, report }) => {
            // What a step made is kept only if the request is still at that step.
            if (await report({ requestId, event: result.event })) await result.write?.(session);
        });
    };

    const attempt = async ({ step, requestId, entry }: { step: Step; requestId: Hex; entry: Running }) => {
        const { signal } = entry.controller;
        const { lane, perform, heavy = false } = steps[step];
        // The place in the lane is kept until the result is journalled: nonces are given out in one that has one place.
        const work = async () => {
            crash(`${step}.before`);
            if (heavy) await report({ requestId, result: { event: { kind: "begun", step } } });
            const result = await perform({ requestId, signal }).catch(
                (error: unknown): StepResult => ({ event: faultEvent({ step, error }) }),
            );
            if (signal.aborted) return;
            crash(`${step}.acted`);
            entry.reported = true;
            await report({ requestId, result });
            crash(`${step}.journalled`);
            result.afterwards?.();
        };
        const urgency = await urgencyOf(requestId);
        await lane.run({ urgency, signal, work }).catch((error: unknown) => {
            if (!signal.aborted) throw error;
        });
    };

    const start = ({ step, requestId, after }: { step: Step; requestId: Hex; after: Promise<void> | undefined }) => {
        const entry: Running = { step, controller: new AbortController(), reported: false, done: Promise.resolve() };
        running.set(requestId, entry);
        entry.done = (after ?? Promise.resolve())
            .then(() => attempt({ step, requestId, entry }))
            .catch(onDefect)
            .finally(() => {
                if (running.get(requestId) === entry) running.delete(requestId);
            });
    };

    const startOnce = ({ step, requestId }: { step: Step; requestId: Hex }) => {
        const current = running.get(requestId);
        const underWay = current !== undefined && !current.reported && !current.controller.signal.aborted;
        if (underWay && current.step === step) return;
        if (underWay) current.controller.abort();
        start({ step, requestId, after: current?.done });
    };

    const startLater = ({ step, requestId, delayMs }: Extract<Effect, { kind: "later" }>) => {
        const timer = setTimeout(() => {
            timers.delete(timer);
            report({ requestId, result: { event: { kind: "retried", step } } }).catch(onDefect);
        }, delayMs);
        timers.add(timer);
    };

    return {
        perform: (effect) => {
            if (stopped) return;
            if (effect.kind === "perform") startOnce(effect);
            else if (effect.kind === "later") startLater(effect);
            else running.get(effect.requestId)?.controller.abort();
        },
        stop: async () => {
            stopped = true;
            for (const timer of timers) clearTimeout(timer);
            for (const { controller } of running.values()) controller.abort();
            await Promise.all([...running.values()].map(({ done }) => done));
        },
    };
}
