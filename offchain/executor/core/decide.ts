import type { Hex } from "@assay/protocol";
import { atDepth, close, due, enter, FRESH, stay } from "./_move.ts";
import { onFault, onRejected, onSpent, onStep } from "./_steps.ts";
import type { Decision, RequestEvent } from "./events.ts";
import { isEnd, isStep, type RequestState, type Rules, type Stage } from "./state.ts";

type Of<Kind extends RequestEvent["kind"]> = Extract<RequestEvent, { kind: Kind }>;
type Input<Kind extends RequestEvent["kind"]> = { rules: Rules; state: RequestState; event: Of<Kind> };

/**
 * What becomes of a request when something happened, and what the shell has to do about it. Pure: no clock, no effects.
 * An event that does not fit the stage (a step that was overtaken, a log seen twice) changes nothing.
 */
export function decide({
    rules,
    state,
    event,
}: {
    rules: Rules;
    state: RequestState | undefined;
    event: RequestEvent;
}): Decision<RequestState | undefined> {
    if (state === undefined) return event.kind === "requested" ? opened({ rules, event }) : { state, effects: [] };
    switch (event.kind) {
        case "requested":
            return onRequested({ rules, state, event });
        case "orphaned":
            return stay({ ...state, included: undefined, confirmed: false });
        case "head":
            return onHead({ rules, state, event });
        case "resumed":
            return onResumed({ rules, state, event });
        case "settled":
            return onSettled({ rules, state, event });
        case "unsettled":
            return onUnsettled(state);
        case "spent":
            return onSpent({ rules, state, event });
        case "fault":
            return onFault({ rules, state, event });
        case "rejected":
            return onRejected({ rules, state, event });
        default:
            return onStep({ state, event });
    }
}

function opened({ rules, event }: { rules: Rules; event: Of<"requested"> }): Decision {
    const { requestId, origin, deadline, block, head } = event;
    const state: RequestState = {
        requestId,
        origin,
        deadline,
        included: block,
        confirmed: false,
        stage: "seen",
        starts: 1,
        begun: false,
        deaths: 0,
        plan: undefined,
        resultCode: undefined,
        statements: 0,
        reverts: 0,
        settlement: undefined,
        outcome: undefined,
        endedFrom: undefined,
    };
    return onHead({ rules, state, event: { kind: "head", head } });
}

/** Included again: reasons that came from the old chain may be gone, work that was done is still good. */
function onRequested({ rules, state, event: { block, head } }: Input<"requested">): Decision {
    if (state.included?.hash === block.hash) return stay(state);
    const included = { ...state, included: block, confirmed: false };
    const forgotten = state.stage === "refused" || state.outcome?.code === "EXECUTOR_REQUEST_EXPIRED";
    const next: RequestState = forgotten ? { ...included, ...reopened("seen") } : included;
    return onHead({ rules, state: next, event: { kind: "head", head } });
}

function onHead({ rules, state, event: { head } }: Input<"head">): Decision {
    if (isEnd(state.stage) && state.confirmed) return stay(state);
    const late = state.deadline !== undefined && head.timestamp > state.deadline;
    if (late && state.settlement === undefined && !isEnd(state.stage)) {
        const detail = `deadline ${state.deadline}, chain time ${head.timestamp}`;
        return close({ state, outcome: { code: "EXECUTOR_REQUEST_EXPIRED", detail } });
    }
    if (!state.confirmed) return onInclusionDepth({ rules, state, event: { kind: "head", head } });
    return onSettlementDepth({ rules, state, event: { kind: "head", head } });
}

function onInclusionDepth({ rules, state, event: { head } }: Input<"head">): Decision {
    if (!atDepth({ block: state.included, head, depth: rules.requestConfirmations })) return stay(state);
    const confirmed = { ...state, confirmed: true };
    return state.stage === "seen" ? enter({ state: confirmed, stage: "admit" }) : due(confirmed);
}

function onSettlementDepth({ rules, state, event: { head } }: Input<"head">): Decision {
    if (state.stage !== "await") return stay(state);
    const deep = atDepth({ block: state.settlement?.block, head, depth: rules.deliveryConfirmations });
    return deep ? enter({ state, stage: "keep" }) : stay(state);
}

function onResumed({ rules, state }: Input<"resumed">): Decision {
    if (!isStep(state.stage)) return stay(state);
    if (!state.begun) return due(state);
    const deaths = state.deaths + 1;
    const detail = `the process ended ${deaths} times during step ${state.stage}`;
    if (deaths >= rules.maxDeaths) return close({ state, outcome: { code: "EXECUTOR_GAVE_UP", detail } });
    return due({ ...state, begun: false, deaths });
}

/** Our own delivery leads to a receipt, whoever sent it; any other end is taken as it is. */
function onSettled({ rules, state, event: { settlement, head } }: Input<"settled">): Decision {
    if (state.settlement?.block.hash === settlement.block.hash) return stay(state);
    if (state.stage === "refused" || state.stage === "finished") return stay(state);
    const ours = settlement.executor !== undefined && sameAddress(settlement.executor, rules.executor);
    if (ours && state.statements > 0) {
        const waiting: RequestState = { ...state, ...reopened("await"), settlement };
        const { state: next, effects } = onSettlementDepth({ rules, state: waiting, event: { kind: "head", head } });
        const abort = isStep(state.stage) ? [{ kind: "abort", requestId: state.requestId } as const] : [];
        return { state: next, effects: [...abort, ...effects] };
    }
    if (state.stage === "closed") return stay(state);
    const code = settlement.how === "refunded" ? "EXECUTOR_REQUEST_REFUNDED" : "EXECUTOR_ANSWERED_BY_OTHER";
    const detail = `${settlement.how} in block ${settlement.block.number}, transaction ${settlement.txHash}`;
    return close({ state: { ...state, settlement }, outcome: { code, detail } });
}

function onUnsettled(state: RequestState): Decision {
    if (state.settlement === undefined) return stay(state);
    const back = state.stage === "closed" ? (state.endedFrom ?? "await") : "await";
    return due({ ...state, ...reopened(back), settlement: undefined });
}

function reopened(stage: Stage): Pick<RequestState, "stage" | keyof typeof FRESH | "outcome" | "endedFrom"> {
    return { stage, ...FRESH, outcome: undefined, endedFrom: undefined };
}

function sameAddress(a: Hex, b: Hex): boolean {
    return a.toLowerCase() === b.toLowerCase();
}
