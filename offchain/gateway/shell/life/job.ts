import { ProtocolError } from "@assay/protocol";
import type { Piece } from "../../core/model.ts";
import { isAnswerable, type State } from "../../core/stages.ts";
import type { Inference } from "../journal/inference.ts";

/** Somebody who waits for an inference. */
export type Caller = { signal: AbortSignal; onPiece?: ((piece: Piece) => void) | undefined };

/** An inference that is worked on, and those who wait for it. */
export type Job = {
    one: Inference;
    /** Value of PAYMENT-RESPONSE, once the payment of a stream is settled. */
    paymentResponse: string | undefined;
    /** Aborted when nobody waits for what nobody paid. */
    abandoned: AbortController;
    /**
     * Ends when there is something to tell: an answer, that there is none, or that it takes longer. Throws
     * GATEWAY_ABANDONED when the caller goes away.
     */
    wait: (caller: Caller) => Promise<Inference>;
    onPiece: (piece: Piece) => void;
    /** Tells those who wait, if there is something to tell. */
    tell: () => void;
    /** Tells those who wait that something broke. */
    fail: (error: unknown) => void;
};

type Waiter = { resolve: (one: Inference) => void; reject: (error: unknown) => void };

/** A job that nobody waits for yet. */
export function createJob(one: Inference): Job {
    const waiters = new Set<Waiter>();
    const followers = new Set<(piece: Piece) => void>();
    const pieces: Piece[] = [];

    const leave = (waiter: Waiter) => {
        waiters.delete(waiter);
        if (waiters.size === 0 && isUnpaidWork(job.one.state)) job.abandoned.abort();
    };
    const wait = async ({ signal, onPiece }: Caller) => {
        if (isTellable(job.one.state)) return job.one;
        const { promise, resolve, reject } = Promise.withResolvers<Inference>();
        const waiter = { resolve, reject };
        const onGone = () => {
            leave(waiter);
            reject(new ProtocolError({ code: "GATEWAY_ABANDONED", cause: signal.reason }));
        };
        waiters.add(waiter);
        if (onPiece !== undefined) {
            for (const piece of pieces) onPiece(piece);
            followers.add(onPiece);
        }
        signal.addEventListener("abort", onGone, { once: true });
        if (signal.aborted) onGone();
        try {
            return await promise;
        } finally {
            signal.removeEventListener("abort", onGone);
            if (onPiece !== undefined) followers.delete(onPiece);
        }
    };
    const end = (finish: (waiter: Waiter) => void) => {
        for (const waiter of waiters) finish(waiter);
        waiters.clear();
    };
    const job: Job = {
        one,
        paymentResponse: undefined,
        abandoned: new AbortController(),
        wait,
        onPiece: (piece) => {
            pieces.push(piece);
            for (const follow of followers) follow(piece);
        },
        tell: () => {
            if (isTellable(job.one.state)) end(({ resolve }) => resolve(job.one));
        },
        fail: (error) => end(({ reject }) => reject(error)),
    };
    return job;
}

/** Work that may be given up: nobody paid, and nothing was signed. */
export function isUnpaidWork({ stage, isPaid }: State): boolean {
    return !isPaid && (stage === "accepted" || stage === "running");
}

/** Whether it takes longer than anybody should wait on a connection, or has come to what they wait for. */
function isTellable(state: State): boolean {
    const isStuck = state.faults > 0 && (state.stage === "answered" || state.doubt !== "none");
    return isAnswerable(state) || state.doubt === "outcome" || isStuck;
}
