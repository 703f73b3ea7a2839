import { expect } from "chai";
import { decide } from "../../../offchain/executor/core/decide.ts";
import type { Effect, RequestEvent } from "../../../offchain/executor/core/events.ts";
import type { RequestState, Rules, Step } from "../../../offchain/executor/core/state.ts";
import { aState, REQUEST_ID, someRules } from "./_builders.ts";

/** In this state, when this happens, the state changes to that, and these effects are due. */
export type Row = {
    it: string;
    rules?: Partial<Rules>;
    from?: Partial<RequestState>;
    event: RequestEvent;
    to?: Partial<RequestState>;
    effects?: readonly Effect[];
};

export const perform = (step: Step): Effect => ({ kind: "perform", step, requestId: REQUEST_ID });
export const later = (step: Step, delayMs: number): Effect => ({ kind: "later", step, requestId: REQUEST_ID, delayMs });
export const abort: Effect = { kind: "abort", requestId: REQUEST_ID };
export const expired = { code: "EXECUTOR_REQUEST_EXPIRED", detail: "" } as const;

/** One test per row; what a row does not name must stay as it was. */
export function decidesByTable(tables: Record<string, readonly Row[]>): void {
    for (const [title, rows] of Object.entries(tables)) {
        describe(title, () => {
            for (const row of rows) {
                it(row.it, () => {
                    const state = aState(row.from);

                    const decision = decide({ rules: someRules(row.rules), state, event: row.event });

                    expect(decision.state).to.deep.equal({ ...state, ...row.to });
                    expect(decision.effects).to.deep.equal(row.effects ?? []);
                });
            }
        });
    }
}
