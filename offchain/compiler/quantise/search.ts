import type { IoSpec } from "@assay/protocol";
import { lower } from "../circuit/lower.ts";
import type { CircuitPlan } from "../circuit/plan.ts";
import type { FloatGraph } from "../graph/types.ts";
import { type Analysis, analyse } from "../integer/analyse.ts";
import { type Accuracy, createReference, measureAccuracy, type Reference } from "./accuracy.ts";
import { type ActivationBits, activationPrecision, narrowableTensors } from "./activations.ts";
import type { Approximation } from "./approximation.ts";
import type { Calibration } from "./calibration.ts";
import type { InputFormats } from "./inputFormats.ts";
import { ioSpecOf } from "./ioSpec.ts";
import { approximate, type Precision } from "./quantise.ts";

/** What the smallest circuit must still reach on the calibration samples. */
export type Target = { top1Agreement: number; meanAbsPctDiff: number };

/** One way to quantise the model, with what it costs and how good it is. */
export type Candidate = {
    precision: Precision;
    analysis: Analysis;
    ioSpec: IoSpec;
    approximations: Approximation[];
    plan: CircuitPlan;
    accuracy: Accuracy;
};

/** From coarse to fine: fewer bits than 3 lose the model, more than 12 cost more than dropping none. */
const ACTIVATION_BITS = [3, 4, 5, 6, 7, 8, 10, 12] as const;
const FEWEST_BITS = 1;

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
 * The smallest circuit that reaches the target; when none does, the most accurate one. Bits of the activations are
 * searched from coarse to fine, all alike; then, tensor by tensor, fewer bits or all of them where that makes the circuit
 * smaller. Large models get fewer trials, so that the search takes seconds to a few minutes.
 */
export function findQuantisation(search: Search): Candidate {
    const { graph, calibration, target, onProgress = () => {} } = search;
    const reference = createReference({ graph, calibration });
    const trial = createTrial({ ...search, reference });
    const tensors = narrowableTensors(graph);
    const exact = trial(new Map());
    if (tensors.length === 0) return lowered(exact);
    const tried = [exact];
    for (const bits of ACTIVATION_BITS) {
        onProgress(`trying activations of ${bits} bits`);
        const candidate = trial(new Map(tensors.map((tensor) => [tensor, bits])));
        tried.push(candidate);
        if (!reaches({ candidate, target })) continue;
        const uniform = smaller({ left: lowered(candidate), right: { candidate: exact, target } });
        return refined({ trial, tensors, start: uniform, target, onProgress });
    }
    return lowered(mostAccurate(tried));
}

type Measured = Omit<Candidate, "plan"> & { bits: ActivationBits };
type Trial = (bits: ActivationBits) => Measured;

/** Quantises with some bits and measures, but does not plan a circuit, which takes longer. */
function createTrial({ graph, calibration, formats, weightBits, reference }: Search & { reference: Reference }): Trial {
    return (bits) => {
        const chosen = activationPrecision({ graph, ranges: reference.ranges, bits });
        const precision = { formats, weightBits, ...chosen, operandBits: OPERAND_BITS };
        const { graph: integers, approximations } = approximate({ graph, precision });
        const analysis = analyse(integers);
        const accuracy = measureAccuracy({ analysis, reference, calibration, formats });
        return { bits, precision, analysis, approximations, ioSpec: ioSpecOf({ analysis, formats }), accuracy };
    };
}

type Planned = Measured & { plan: CircuitPlan };

function lowered(candidate: Measured): Planned {
    const { analysis, ioSpec } = candidate;
    return { ...candidate, plan: lower({ analysis, ioSpec }) };
}

/** The smaller of two circuits that reach the target, of equals the more accurate one. */
function smaller({
    left,
    right: { candidate, target },
}: {
    left: Planned;
    right: { candidate: Measured; target: Target };
}) {
    if (!reaches({ candidate, target })) return left;
    const right = lowered(candidate);
    const difference = right.plan.constraints.total - left.plan.constraints.total;
    const isBetter = difference < 0 || (difference === 0 && error(right) < error(left));
    return isBetter ? right : left;
}

/** Constraints times trials of the refinement, at most: some seconds. */
const REFINEMENT_WORK = 1_000_000;
const MOST_REFINEMENTS = 48;

type Refinement = {
    trial: Trial;
    tensors: readonly string[];
    start: Planned;
    target: Target;
    onProgress: (line: string) => void;
};

/** Tensor by tensor from the last: all bits, then ever fewer, as long as the target holds and the circuit shrinks. */
function refined({ trial, tensors, start, target, onProgress }: Refinement): Planned {
    let best = start;
    let rest = Math.min(MOST_REFINEMENTS, Math.floor(REFINEMENT_WORK / start.plan.constraints.total));
    const attempt = (bits: ActivationBits): boolean => {
        rest -= 1;
        const next = smaller({ left: best, right: { candidate: trial(bits), target } });
        const isBetter = next !== best;
        best = next;
        return isBetter;
    };
    for (const tensor of tensors.toReversed()) {
        if (rest <= 0) break;
        onProgress(`trying other bits of ${tensor}`);
        const bits = best.bits.get(tensor);
        if (bits !== undefined) attempt(without(best.bits, tensor));
        let fewer = best.bits.get(tensor) ?? 0;
        while (rest > 0 && fewer > FEWEST_BITS && attempt(new Map([...best.bits, [tensor, fewer - 1]]))) fewer -= 1;
    }
    return best;
}

function without(bits: ActivationBits, tensor: string): ActivationBits {
    return new Map([...bits].filter(([name]) => name !== tensor));
}

function reaches({ candidate: { accuracy }, target }: { candidate: Measured; target: Target }): boolean {
    return accuracy.top1Agreement >= target.top1Agreement && accuracy.meanAbsPctDiff <= target.meanAbsPctDiff;
}

function mostAccurate(candidates: readonly Measured[]): Measured {
    const [first] = candidates.toSorted((left, right) => error(left) - error(right));
    if (first === undefined) throw new RangeError("The exact candidate is always there");
    return first;
}

function error({ accuracy }: Measured): number {
    return accuracy.meanAbsPctDiff;
}
