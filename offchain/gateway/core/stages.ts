import { FAMILIES, isTeeFamily } from "@assay/protocol";
import type { PaymentFlow } from "./payment.ts";

/**
 * Where an inference is: reserved; its payment is being settled; the model runs; the output is journalled; the statement
 * is signed, and an enclave has to sign before the answer goes out; answered, a proof is still to come; complete; ended
 * without money; the money is on its way back; it is back.
 */
export type Stage =
    | "accepted"
    | "paying"
    | "running"
    | "answered"
    | "signed"
    | "served"
    | "proven"
    | "failed"
    | "refunding"
    | "refunded";

/** What is to be done next. */
export type Step = "verify" | "settle" | "reconcile" | "run" | "sign" | "attest" | "prove" | "refund";

/** Why an inference ended without an answer, or gives money back: a code of the error table, and words. */
export type Reason = { code: ReasonCode; text: string };
export type ReasonCode =
    | "GATEWAY_PAYMENT_INVALID"
    | "GATEWAY_MODEL_FAILED"
    | "GATEWAY_EVIDENCE_LOST"
    | "GATEWAY_ABANDONED"
    | "GATEWAY_SIGNING_FAILED";

/** Everything that decides what happens next. */
export type State = {
    stage: Stage;
    /** `free`: nothing is paid. */
    flow: PaymentFlow | "free";
    isPaid: boolean;
    /**
     * What is not known of settling: `restart`, whether it was begun before the process ended; `outcome`, how it ended.
     */
    doubt: "none" | "restart" | "outcome";
    /** Families that are made beside the signature: TEE before the answer, ZK after it. */
    families: readonly number[];
    /** Of the journalled output; undefined before. */
    resultCode: number | undefined;
    /** How often the present step was started and gave a fault. */
    faults: number;
    reason: Reason | undefined;
};

/** What happened. */
export type LifeEvent =
    | { kind: "verified" }
    /** Settled; also when somebody else sent the authorization. */
    | { kind: "settled" }
    /** For certain not paid. */
    | { kind: "refused"; text: string }
    | { kind: "uncertain" }
    | { kind: "ran"; resultCode: number; text: string }
    | { kind: "signed" }
    | { kind: "attested" }
    | { kind: "proved" }
    | { kind: "refunded" }
    /** The step could not be done; it may be done later. */
    | { kind: "faulted" }
    /** The step can never be done. */
    | { kind: "lost"; reason: Reason }
    /** Nobody waits for it, and nobody paid. */
    | { kind: "abandoned" }
    /** The process was started again. */
    | { kind: "resumed" };

/** The state in which an inference is reserved; that money is about to move is journalled with the reservation. */
export function begin({ flow, families }: Pick<State, "flow" | "families">): State {
    const stage = { free: "running", upfront: "paying", authorization: "accepted" } as const;
    return {
        stage: stage[flow],
        flow,
        isPaid: false,
        doubt: "none",
        families,
        resultCode: undefined,
        faults: 0,
        reason: undefined,
    };
}

/** The step that is due; undefined at an end. */
export function dueOf({ stage, doubt }: State): Step | undefined {
    switch (stage) {
        case "accepted":
            return "verify";
        case "paying":
            return doubt === "none" ? "settle" : "reconcile";
        case "running":
            return "run";
        case "answered":
            return "sign";
        case "signed":
            return "attest";
        case "served":
            return "prove";
        case "refunding":
            return "refund";
        case "proven":
        case "failed":
        case "refunded":
            return undefined;
    }
}

/** What becomes of an inference; an event that does not fit where it is changes nothing. */
export function advance(state: State, event: LifeEvent): State {
    const at = (stages: readonly Stage[], next: () => State) => (stages.includes(state.stage) ? next() : state);
    const to = (stage: Stage, rest: Partial<State> = {}): State => ({ ...state, stage, faults: 0, ...rest });
    switch (event.kind) {
        case "verified":
            return at(["accepted"], () => to("running"));
        case "settled":
            return at(["accepted", "paying"], () =>
                to(state.resultCode === undefined ? "running" : "answered", { isPaid: true, doubt: "none" }),
            );
        case "refused":
            return at(["accepted", "paying"], () =>
                to("failed", { reason: { code: "GATEWAY_PAYMENT_INVALID", text: event.text } }),
            );
        case "uncertain":
            return at(["paying"], () => uncertain(state));
        case "ran":
            return at(["running"], () => ran(state, event));
        case "signed":
            return at(["answered"], () => (hasTee(state) ? to("signed") : answeredFor(state)));
        case "attested":
            return at(["signed"], () => answeredFor(state));
        case "proved":
            return at(["served"], () => to("proven"));
        case "refunded":
            return at(["refunding"], () => to("refunded"));
        case "faulted":
            return { ...state, faults: state.faults + 1 };
        case "lost":
            return at(["answered", "signed", "served"], () => ended({ ...state, faults: 0, reason: event.reason }));
        case "abandoned":
            return at(["accepted", "running", "answered"], () => (state.isPaid ? state : abandoned(state)));
        case "resumed":
            return resumed(state);
    }
}

/** Whether nothing happens any more. */
export function isEnd(state: State): boolean {
    return dueOf(state) === undefined;
}

/** Whether whoever asked can be answered: with the output, or that there is none. */
export function isAnswerable({ stage }: State): boolean {
    return ["served", "proven", "failed", "refunding", "refunded"].includes(stage);
}

/** Ends at which nothing was signed. */
const UNSIGNED: readonly (ReasonCode | undefined)[] = [
    "GATEWAY_PAYMENT_INVALID",
    "GATEWAY_ABANDONED",
    "GATEWAY_SIGNING_FAILED",
];

/**
 * Whether the authorization may be brought again: nothing was taken, nothing was signed, and how it ended was never in
 * doubt. One that was sent and then expired stays used for ever.
 */
export function isReleased({ stage, flow, isPaid, doubt, reason }: State): boolean {
    const isUnused = stage === "failed" && UNSIGNED.includes(reason?.code);
    return isUnused && flow !== "free" && !isPaid && doubt !== "outcome";
}

/** Families that are still to be made at a stage. */
export function dueFamilies({ stage, families }: State): readonly number[] {
    if (stage === "signed") return families.filter(isTeeFamily);
    if (stage === "served") return families.filter((family) => family === FAMILIES.ZK_GROTH16);
    return [];
}

/** After a restart nothing tells whether the payment was sent: if the chain does not know it, it is sent now. */
function uncertain(state: State): State {
    if (state.doubt === "restart") return { ...state, doubt: "none", faults: 0 };
    return { ...state, doubt: "outcome", faults: state.doubt === "outcome" ? state.faults + 1 : 0 };
}

/** A failure is signed, but never paid and never proven. */
function ran(state: State, { resultCode, text }: { resultCode: number; text: string }): State {
    const next = { ...state, resultCode, faults: 0 };
    if (resultCode !== 0) {
        return { ...next, stage: "answered", families: [], reason: { code: "GATEWAY_MODEL_FAILED", text } };
    }
    const isOwed = state.flow === "authorization" && !state.isPaid;
    return { ...next, stage: isOwed ? "paying" : "answered" };
}

/** All that the answer has to wait for is there. */
function answeredFor(state: State): State {
    const next = { ...state, faults: 0 };
    if (state.resultCode !== 0) return ended(next);
    return { ...next, stage: state.families.includes(FAMILIES.ZK_GROTH16) ? "served" : "proven" };
}

function ended(state: State): State {
    return { ...state, stage: state.isPaid ? "refunding" : "failed" };
}

function abandoned(state: State): State {
    const reason = { code: "GATEWAY_ABANDONED", text: "Whoever asked went away before it was paid." } as const;
    return { ...state, stage: "failed", faults: 0, reason };
}

/** What nobody paid for, nobody waits for any more: whoever asked was cut off. */
function resumed(state: State): State {
    if (state.stage === "paying")
        return { ...state, doubt: state.doubt === "none" ? "restart" : state.doubt, faults: 0 };
    return { ...advance(state, { kind: "abandoned" }), faults: 0 };
}

function hasTee({ families, resultCode }: State): boolean {
    return resultCode === 0 && families.some(isTeeFamily);
}
