import { FAMILIES, isTeeFamily } from "@assay/protocol";
import { close, delayOf, due, enter, FRESH, stay } from "./_move.ts";
import type { Decision, RequestEvent } from "./events.ts";
import type { Plan, RequestState, Rules, Stage } from "./state.ts";

type Of<Kind extends RequestEvent["kind"]> = Extract<RequestEvent, { kind: Kind }>;
type Input<Kind extends RequestEvent["kind"]> = { rules: Rules; state: RequestState; event: Of<Kind> };

type StepEvent = Of<
    | "begun"
    | "retried"
    | "admitted"
    | "refused"
    | "ran"
    | "dated"
    | "signed"
    | "attested"
    | "proved"
    | "checked"
    | "sent"
    | "kept"
>;

/** Steps that make evidence, in their order: the dearest comes last. */
const EVIDENCE_STAGES = ["sign", "attest", "prove"] as const;
type EvidenceStage = (typeof EVIDENCE_STAGES)[number];

const MADE_BY: Record<EvidenceStage, (family: number) => boolean> = {
    sign: (family) => family === FAMILIES.SIGNED,
    attest: isTeeFamily,
    prove: (family) => family === FAMILIES.ZK_GROTH16,
};

/** A step reported its end; it counts only if the request is still at that step. */
export function onStep({ state, event }: { state: RequestState; event: StepEvent }): Decision {
    const at = (stage: Stage, next: () => Decision): Decision => (state.stage === stage ? next() : stay(state));
    switch (event.kind) {
        case "begun":
            return at(event.step, () => stay({ ...state, begun: true }));
        case "retried":
            return at(event.step, () => due(state));
        case "admitted":
            return at("admit", () => enter({ state: { ...state, plan: event.plan }, stage: "run" }));
        case "refused":
            return at("admit", () => refuse({ state, outcome: event.outcome }));
        case "ran":
            return at("run", () => onRan({ state, event }));
        case "dated":
            return at("date", () => {
                const dated = { ...state, statements: state.statements + 1 };
                return enter({ state: dated, stage: evidenceStage({ state, among: EVIDENCE_STAGES }) });
            });
        case "signed":
            return at("sign", () => enter({ state, stage: evidenceStage({ state, among: ["attest", "prove"] }) }));
        case "attested":
            return at("attest", () => enter({ state, stage: evidenceStage({ state, among: ["prove"] }) }));
        case "proved":
            return at("prove", () => enter({ state, stage: "check" }));
        case "checked":
            return at("check", () => enter({ state, stage: state.origin === "pull" ? "keep" : "deliver" }));
        case "sent":
            return at("deliver", () => enter({ state, stage: "await" }));
        case "kept":
            return at("keep", () => enter({ state, stage: "finished" }));
    }
}

/** A failure is a result too, but only a named executor may sign one, and no proof stands for it. */
function onRan({ state, event }: { state: RequestState; event: Of<"ran"> }): Decision {
    const ran = { ...state, resultCode: event.resultCode };
    if (event.resultCode === 0) return enter({ state: ran, stage: "date" });
    if (state.plan?.mayFail !== true) {
        return refuse({ state: ran, outcome: { code: "EXECUTOR_RESULT_IS_FAILURE", detail: event.resultName } });
    }
    const plan: Plan = { ...state.plan, families: [FAMILIES.SIGNED] };
    return enter({ state: { ...ran, plan }, stage: "date" });
}

function refuse({ state, outcome }: { state: RequestState; outcome: NonNullable<RequestState["outcome"]> }): Decision {
    return { state: { ...state, stage: "refused", outcome, endedFrom: state.stage }, effects: [] };
}

/** The nonce is used up without a delivery: look again what the chain says of it. */
export function onSpent({ rules, state, event }: Input<"spent">): Decision {
    if (state.stage !== "await" || state.settlement !== undefined) return stay(state);
    const reverts = state.reverts + 1;
    const outcome = { code: "EXECUTOR_DELIVERY_REVERTED", detail: event.detail } as const;
    if (reverts > rules.maxReverts) return close({ state: { ...state, reverts }, outcome });
    return enter({ state: { ...state, reverts }, stage: "check" });
}

/** Tries again after a pause, or gives up. */
export function onFault({ rules, state, event }: Input<"fault">): Decision {
    if (state.stage !== event.step) return stay(state);
    // A fault that is not the request's own (the chain is unreachable) lasts as long as it lasts.
    const isCounted = event.patience === "limited" || (event.patience === "deadline" && state.deadline === undefined);
    const tired = event.patience === "none" || (isCounted && state.starts >= rules.maxStarts);
    if (tired) return close({ state, outcome: { code: event.code, detail: event.detail } });
    const delayMs = delayOf({ rules, starts: state.starts });
    const later = { kind: "later", step: event.step, requestId: state.requestId, delayMs } as const;
    // Whoever can tell of a fault has not died of it.
    return { state: { ...state, starts: state.starts + 1, begun: false, deaths: 0 }, effects: [later] };
}

/** Evidence that the chain would refuse is never sent. */
export function onRejected({ rules, state, event }: Input<"rejected">): Decision {
    if (state.stage !== "check" && state.stage !== "deliver") return stay(state);
    if (event.remedy === "redate" && state.statements < rules.maxStatements) return enter({ state, stage: "date" });
    if (event.remedy !== "wait") return close({ state, outcome: event.outcome });
    const waiting: RequestState = { ...state, stage: "check", ...FRESH };
    const delayMs = rules.maxRetryDelayMs;
    return { state: waiting, effects: [{ kind: "later", step: "check", requestId: state.requestId, delayMs }] };
}

/** The first of these steps that the plan has use for; without one the evidence is complete. */
function evidenceStage({ state, among }: { state: RequestState; among: readonly EvidenceStage[] }): Stage {
    const families = state.plan?.families ?? [];
    return among.find((stage) => families.some(MADE_BY[stage])) ?? "check";
}
