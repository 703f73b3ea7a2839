import type { Decision, Effect } from "./events.ts";
import { type BlockRef, type Head, isStep, type Outcome, type RequestState, type Rules, type Stage } from "./state.ts";

/** A step that was not tried yet. */
export const FRESH = { starts: 1, begun: false, deaths: 0 } as const;

/** Nothing to do. */
export function stay(state: RequestState): Decision {
    return { state, effects: [] };
}

/** Goes to a stage and starts what is due there. */
export function enter({ state, stage }: { state: RequestState; stage: Stage }): Decision {
    return due({ ...state, stage, ...FRESH });
}

/** The step of the present stage, unless the request's own block is gone or not deep enough. */
export function due(state: RequestState): Decision {
    if (!state.confirmed || !isStep(state.stage)) return stay(state);
    return { state, effects: [{ kind: "perform", step: state.stage, requestId: state.requestId }] };
}

/** Ends a request without a receipt, and remembers where to go on should the chain take the reason back. */
export function close({ state, outcome }: { state: RequestState; outcome: Outcome }): Decision {
    const abort: Effect[] = isStep(state.stage) ? [{ kind: "abort", requestId: state.requestId }] : [];
    return { state: { ...state, stage: "closed", outcome, endedFrom: state.stage }, effects: abort };
}

/** Whether a block has `depth` blocks on top of it; with depth 0 it only has to exist. */
export function atDepth({ block, head, depth }: { block: BlockRef | undefined; head: Head; depth: number }): boolean {
    return block !== undefined && head.number - block.number >= depth;
}

/** Pause before the next start: doubles with every start, up to the rule's maximum. */
export function delayOf({ rules, starts }: { rules: Rules; starts: number }): number {
    return Math.min(rules.retryDelayMs * 2 ** Math.max(0, starts - 1), rules.maxRetryDelayMs);
}
