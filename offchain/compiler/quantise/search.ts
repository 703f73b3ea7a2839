import type { IoSpec } from "@assay/protocol";
import { lower } from "../circuit/lower.ts";
import type { CircuitPlan } from "../circuit/plan.ts";
import type { FloatGraph } from "../graph/types.ts";
import { type Analysis, analyse } from "../integer/analyse.ts";
import { type Accuracy, createReference, measureAccuracy, type Reference } from "./accuracy.ts";
import type { Calibration } from "./calibration.ts";
import type { InputFormats } from "./inputFormats.ts";
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

/** From coarse to fine: fewer bits than 3 lose the model, more than 12 cost more than dropping none. */
const ACTIVATION_BITS = [3, 4, 5, 6, 7, 8, 10, 12] as const;

/** Enough for products within a thousandth of their range. */
const OPERAND_BITS = 12;

type Search = {
    graph: FloatGraph;
    calibration: Calibration;
    formats: InputFormats;
    weightBits: number;
    target: Target;
    onProgress?: (line: string) => void;
};

/**
 * The smallest circuit that reaches the target; when none does, the most accurate one. Constraints grow with the bits
 * of the activations, so the coarsest good candidate is compared only with the exact one, which drops nothing.
 */
export function findQuantisation({
    graph,
    calibration,
    formats,
    weightBits,
    target,
    onProgress = () => {},
}: Search): Candidate {
    const reference = createReference({ graph, calibration });
    const measure = (activationScales: ReadonlyMap<string, number>): Candidate => {
        const precision = { formats, weightBits, activationScales, operandBits: OPERAND_BITS };
        const analysis = analyse(quantise({ graph, precision }));
        const accuracy = measureAccuracy({ analysis, reference, calibration, formats });
        const ioSpec = ioSpecOf({ analysis, formats });
        return { precision, analysis, ioSpec, plan: lower({ analysis, ioSpec }), accuracy };
    };
    const exact = measure(new Map());
    const tried = [exact];
    for (const bits of ACTIVATION_BITS) {
        onProgress(`trying activations of ${bits} bits`);
        const candidate = measure(activationScales({ graph, reference, bits }));
        if (reaches({ candidate, target })) return best({ candidates: [candidate, exact], target });
        tried.push(candidate);
    }
    return best({ candidates: tried, target });
}

/** Scales at which the greatest calibrated value of each ReLU has so many bits (1 stands in for a ReLU never active). */
function activationScales({ graph, reference, bits }: { graph: FloatGraph; reference: Reference; bits: number }) {
    const scales = new Map<string, number>();
    for (const { op, output } of graph.nodes) {
        const greatest = reference.ranges.get(output) ?? 0;
        if (op === "relu") scales.set(output, bits - (greatest > 0 ? Math.ceil(Math.log2(greatest)) : 0));
    }
    return scales;
}

function reaches({ candidate: { accuracy }, target }: { candidate: Candidate; target: Target }): boolean {
    return accuracy.top1Agreement >= target.top1Agreement && accuracy.meanAbsPctDiff <= target.meanAbsPctDiff;
}

/** The smallest of those that reach the target, or else the most accurate of all. */
function best({ candidates, target }: { candidates: Candidate[]; target: Target }): Candidate {
    const good = candidates.filter((candidate) => reaches({ candidate, target }));
    const size = ({ plan }: Candidate) => plan.constraints.total;
    const error = ({ accuracy }: Candidate) => accuracy.meanAbsPctDiff;
    const [first] =
        good.length > 0
            ? good.toSorted((left, right) => size(left) - size(right) || error(left) - error(right))
            : candidates.toSorted((left, right) => error(left) - error(right) || size(left) - size(right));
    if (first === undefined) throw new RangeError("The exact candidate is always there");
    return first;
}
