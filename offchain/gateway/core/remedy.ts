import { explainError, isProtocolError } from "@assay/protocol";
import { dueOf, type LifeEvent, type Reason, type State, type Step } from "./stages.ts";
import { statusOf } from "./statusOf.ts";

/** With pauses that double up to half a minute: about nine minutes in which a node may be away. */
const MOST_SIGNING_FAULTS = 20;

/** Status of what is told to nobody. */
const DEFECT = 500;

/** What a fault of a step means for an inference. */
export function remedyOf({
    step,
    state,
    text,
    evidenceTries,
}: {
    step: Step;
    state: State;
    /** What went wrong. */
    text: string;
    evidenceTries: number;
}): LifeEvent {
    const faults = state.faults + 1;
    const lost = (code: Reason["code"]): LifeEvent => ({ kind: "lost", reason: { code, text } });
    switch (step) {
        // As long as nothing was taken, whoever asks is told, and may ask again.
        case "verify":
        case "run":
            return { kind: state.isPaid ? "faulted" : "abandoned" };
        case "sign":
            return state.isPaid && faults < MOST_SIGNING_FAULTS ? { kind: "faulted" } : lost("GATEWAY_SIGNING_FAILED");
        case "attest":
        case "prove":
            return faults < evidenceTries ? { kind: "faulted" } : lost("GATEWAY_EVIDENCE_LOST");
        // Money is followed for as long as it takes.
        case "settle":
        case "reconcile":
        case "refund":
            return { kind: "faulted" };
    }
}

/** Milliseconds to wait before what is due: after a fault, and while nobody knows of a payment. */
export function pauseMs({ state, retryMs, maxRetryMs }: { state: State; retryMs: number; maxRetryMs: number }): number {
    const isWaiting = state.faults > 0 || (state.doubt === "outcome" && dueOf(state) === "reconcile");
    return isWaiting ? Math.min(retryMs * 2 ** Math.max(0, state.faults - 1), maxRetryMs) : 0;
}

/**
 * What everybody may learn of a fault: as much as whoever asks over HTTP. Of all else only its kind is told, since messages
 * name machines and files.
 */
export function faultText(error: unknown): string {
    if (!isProtocolError(error)) return "The gateway has a defect.";
    return statusOf(error) === DEFECT ? explainError(error.code).meaning : error.message;
}
