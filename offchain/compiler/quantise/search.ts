import type { IoSpec } from "@assay/protocol";
import { lower } from "../circuit/lower.ts";
import type { CircuitPlan } from "../circuit/plan.ts";
import type { FloatGraph } from "../graph/types.ts";
import { type Analysis, analyse } from "../integer/analyse.ts";
import { type Accuracy, createReference, measureAccuracy } from "./accuracy.ts";
import type { Calibration } from "./calibration.ts";
import type { InputFormat } from "./inputFormat.ts";
import { ioSpecOf } from "./ioSpec.ts";
import { type Precision, quantise } from "./quantise.ts";

/** What the smallest circuit must still reach on the calibration samples. */
export type Target = { top1Agreement: number; meanAbsPctDiff: number };

/** One way to quantise the model, with what it costs and how good it is. */
export type Candidate = {
    precision: Precision;
    analysis: Analysis;
    ioSpec: IoSpec;
    plan: CircuitPlan;
    accuracy: Accuracy;
};

/** From coarse to exact: fewer bits than 3 lose the model, more than 12 cost more than dropping none. */
const ACTIVATION_BITS = [3, 4, 5, 6, 7, 8, 10, 12, "exact"] as const;

type Search = { graph: FloatGraph; calibration: Calibration; format: InputFormat; weightBits: number; target: Target };

/** The candidate with the fewest constraints that reaches the target; when none does, the most accurate one. */
export function findQuantisation({ graph, calibration, format, weightBits, target }: Search): Candidate {
    const reference = createReference({ graph, calibration });
    const candidates = ACTIVATION_BITS.map((activationBits): Candidate => {
        const precision = { weightBits, activationBits };
        const analysis = analyse(quantise({ graph, format, precision, ranges: reference.ranges }));
        const ioSpec = ioSpecOf({ analysis, format });
        const plan = lower({ analysis, ioSpec });
        const accuracy = measureAccuracy({ analysis, reference, calibration, format });
        return { precision, analysis, ioSpec, plan, accuracy };
    });
    const good = candidates.filter(({ accuracy }) => reaches({ accuracy, target }));
    return good.length > 0 ? best({ candidates: good, cost: size }) : best({ candidates, cost: error });
}

function reaches({ accuracy, target }: { accuracy: Accuracy; target: Target }): boolean {
    return accuracy.top1Agreement >= target.top1Agreement && accuracy.meanAbsPctDiff <= target.meanAbsPctDiff;
}

const size = ({ plan }: Candidate) => plan.constraints.total;
const error = ({ accuracy }: Candidate) => accuracy.meanAbsPctDiff;

/** The cheapest candidate; of equal ones the more accurate, so the order of trial does not matter. */
function best({ candidates, cost }: { candidates: Candidate[]; cost: (candidate: Candidate) => number }): Candidate {
    const [first] = candidates.toSorted((left, right) => cost(left) - cost(right) || error(left) - error(right));
    if (first === undefined) throw new RangeError("There is always a candidate");
    return first;
}
