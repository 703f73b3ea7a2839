import type { Step } from "../../core/stages.ts";
import { saveRefund } from "../journal/inferences.ts";
import type { PerformStep } from "./change.ts";
import type { LifeDeps } from "./deps.ts";
import { reconcileStep, refundStep, settleStep, verifyStep } from "./paying.ts";
import { evidenceStep } from "./proving.ts";
import { runStep } from "./running.ts";
import { createSequencer } from "./sequencer.ts";
import { signStep } from "./signing.ts";

/** How every step is done. */
export function createSteps(deps: LifeDeps): Record<Step, PerformStep> {
    const timeLimit = { timeLimitMs: deps.limits.proofMs };
    return {
        verify: verifyStep(deps),
        settle: settleStep(deps),
        reconcile: reconcileStep(deps),
        run: runStep(deps),
        sign: signStep(deps, createSequencer(deps)),
        attest: evidenceStep(deps, timeLimit),
        prove: evidenceStep(deps, timeLimit),
        refund: refundStep(deps, async (session, { id, state, refundTransaction }) => {
            if (refundTransaction !== undefined)
                await saveRefund(session, { id, state, transaction: refundTransaction });
        }),
    };
}
