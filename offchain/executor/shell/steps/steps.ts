import type { Step } from "../../core/state.ts";
import type { Pace } from "../pace.ts";
import { createLane, type Lane } from "../work/lane.ts";
import type { StepDefinition } from "../work/performer.ts";
import { admitStep } from "./admit.ts";
import { attestStep } from "./attest.ts";
import { checkStep } from "./check.ts";
import type { Context } from "./context.ts";
import { dateStep } from "./date.ts";
import { deliverStep } from "./deliver.ts";
import { keepStep } from "./keep.ts";
import { proveStep } from "./prove.ts";
import { runStep } from "./run.ts";
import { signStep } from "./sign.ts";

/** Where steps wait for their turn. */
export type Lanes = { light: Lane; runs: Lane; proofs: Lane; deliveries: Lane };

/** Light steps mostly wait for the endpoint or the journal. */
const LIGHT_WIDTH = 8;

/** The lanes of one executor. */
export function createLanes({ parallelRuns }: { parallelRuns: number }): Lanes {
    return {
        light: createLane({ width: LIGHT_WIDTH }),
        runs: createLane({ width: parallelRuns }),
        // A proof uses all cores by itself.
        proofs: createLane({ width: 1 }),
        // Nonces are given out one after the other.
        deliveries: createLane({ width: 1 }),
    };
}

/** All steps, each with the lane it runs in. `wake` has the nonces tended soon. */
export function createSteps({
    context,
    lanes,
    pace,
    wake,
}: {
    context: Context;
    lanes: Lanes;
    pace: Pace;
    wake: () => void;
}): Record<Step, StepDefinition> {
    const { light, runs, proofs, deliveries } = lanes;
    return {
        admit: { lane: light, perform: admitStep(context) },
        run: { lane: runs, perform: runStep(context), heavy: true },
        date: { lane: light, perform: dateStep(context) },
        sign: { lane: light, perform: signStep(context) },
        attest: { lane: light, perform: attestStep(context) },
        prove: { lane: proofs, perform: proveStep({ context, pace }), heavy: true },
        check: { lane: light, perform: checkStep(context) },
        deliver: { lane: deliveries, perform: deliverStep({ context, wake }) },
        keep: { lane: light, perform: keepStep(context) },
    };
}
