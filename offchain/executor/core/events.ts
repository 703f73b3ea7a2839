import type { ErrorCode, Hex } from "@assay/protocol";
import type { BlockRef, Head, Outcome, Plan, RequestState, Settlement, Step } from "./state.ts";

/** What happened to one request: told by the chain, by a step of the shell, or by a restart. */
export type RequestEvent =
    /** The request's event is in this block: for the first time, or again after a reorganisation. */
    | {
          kind: "requested";
          requestId: Hex;
          origin: "hub" | "pull";
          deadline: bigint | undefined;
          block: BlockRef;
          head: Head;
      }
    /** The block of the request's event is no longer part of the chain. */
    | { kind: "orphaned" }
    | { kind: "head"; head: Head }
    /** The process started again. */
    | { kind: "resumed" }
    /** A heavy step, which could end the process, left its queue. */
    | { kind: "begun"; step: Step }
    /** The pause after a fault is over. */
    | { kind: "retried"; step: Step }
    | { kind: "admitted"; plan: Plan }
    | { kind: "refused"; outcome: Outcome }
    | { kind: "ran"; resultCode: number; resultName: string }
    | { kind: "dated" }
    | { kind: "signed" }
    | { kind: "attested" }
    | { kind: "proved" }
    | { kind: "checked" }
    /** The chain's rules refuse the evidence. */
    | { kind: "rejected"; remedy: Remedy; outcome: Outcome }
    /** The delivery is journalled as a signed transaction; from here on only the chain says what became of it. */
    | { kind: "sent" }
    /** The hub closed the request. */
    | { kind: "settled"; settlement: Settlement; head: Head }
    /** The block of that event is no longer part of the chain. */
    | { kind: "unsettled" }
    /** The nonce of our delivery is used up: our transaction reverted, or another one took its place. */
    | { kind: "spent"; reverted: boolean; detail: string }
    | { kind: "kept" }
    | { kind: "fault"; step: Step; code: ErrorCode; detail: string; patience: Patience };

/** What helps against a refusal: a fresh statement, waiting, or nothing. */
export type Remedy = "redate" | "wait" | "close";

/**
 * How long to try again after a fault: as long as the request lives, until its deadline (a few times without one), a few
 * times, or never.
 */
export type Patience = "endless" | "deadline" | "limited" | "none";

/** What the shell has to do. */
export type Effect =
    /** Perform a step and report its event. */
    | { kind: "perform"; step: Step; requestId: Hex }
    /** Report `retried` after a pause. */
    | { kind: "later"; step: Step; requestId: Hex; delayMs: number }
    /** Stop what is being done for this request: nobody needs it any more. */
    | { kind: "abort"; requestId: Hex };

/** The next state, and what to do about it. The same state object means that nothing has to be journalled. */
export type Decision<State extends RequestState | undefined = RequestState> = {
    state: State;
    effects: readonly Effect[];
};
