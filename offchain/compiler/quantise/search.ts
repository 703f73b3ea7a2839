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
const FEWEST_WEIGHT_BITS = 3;

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
 * searched from coarse to fine, all alike; the first that do, and somewhat more, are tried with ever fewer bits of the
 * weights; then, tensor by tensor, fewer bits of activations or all of them where that makes the circuit smaller. Large
 * models get fewer trials, so that the search takes seconds to a few minutes.
 */
export function findQuantisation(search: Search): Candidate {
    const { graph, calibration, weightBits, target, onProgress = () => {} } = search;
    const reference = createReference({ graph, calibration });
    const trial = createTrial({ ...search, reference });
    const tensors = narrowableTensors(graph);
    const exact = trial({ bits: new Map(), weightBits });
    const tried = [exact];
    for (const [index, count] of ACTIVATION_BITS.entries()) {
        if (tensors.length === 0) break;
        onProgress(`trying activations of ${count} bits`);
        const uniform = (bits: number) => new Map(tensors.map((tensor) => [tensor, bits]));
        const candidate = trial({ bits: uniform(count), weightBits });
        tried.push(candidate);
        if (!reaches({ candidate, target })) continue;
        const finer = ACTIVATION_BITS.slice(index + 1, index + 1 + FINER_TRIALS).map(uniform);
        const start = smaller({ left: lowered(candidate), right: { candidate: exact, target } });
        return refined({ trial, tensors, start, others: [...finer, new Map()], target, onProgress });
    }
    if (!reaches({ candidate: exact, target })) return lowered(mostAccurate(tried));
    return refined({ trial, tensors, start: lowered(exact), others: [], target, onProgress });
}

type Measured = Omit<Candidate, "plan"> & { bits: ActivationBits };
type Trial = (choice: { bits: ActivationBits; weightBits: number }) => Measured;

/** Quantises with some bits and measures, but does not plan a circuit, which takes longer. */
function createTrial({ graph, calibration, formats, reference }: Search & { reference: Reference }): Trial {
    return ({ bits, weightBits }) => {
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
const REFINEMENT_WORK = 3_000_000;
const MOST_REFINEMENTS = 64;
/** So many finer activations are tried with fewer bits of the weights, too. */
const FINER_TRIALS = 2;

type Refinement = {
    trial: Trial;
    tensors: readonly string[];
    start: Planned;
    /** Other bits of the activations to start from. */
    others: readonly ActivationBits[];
    target: Target;
    onProgress: (line: string) => void;
};

type Choice = Parameters<Trial>[0];
/** Tries a choice: "missed" the target, or no trial is left; reached it; or is "better" than all before and their best. */
type Attempt = (choice: Choice) => "missed" | "reached" | "better";

/** Fewer bits of weights, then tensor by tensor other bits of activations, as long as the target holds. */
function refined({ trial, tensors, start, others, target, onProgress }: Refinement): Planned {
    let best = start;
    let rest = Math.min(MOST_REFINEMENTS, Math.floor(REFINEMENT_WORK / start.plan.constraints.total));
    const attempt: Attempt = (choice) => {
        if (rest <= 0) return "missed";
        rest -= 1;
        const candidate = trial(choice);
        if (!reaches({ candidate, target })) return "missed";
        const next = smaller({ left: best, right: { candidate, target } });
        if (next === best) return "reached";
        best = next;
        return "better";
    };
    onProgress("trying fewer bits of weights");
    for (const bits of [start.bits, ...others]) fewerWeightBits({ attempt, bits, most: start.precision.weightBits });
    for (const tensor of tensors.toReversed()) {
        if (rest <= 0) break;
        onProgress(`trying other bits of ${tensor}`);
        otherBits({ attempt, tensor, bits: best.bits, weightBits: best.precision.weightBits });
    }
    return best;
}

/** One bit less at a time, from one below the most, for as long as the target is reached. */
function fewerWeightBits({ attempt, bits, most }: { attempt: Attempt; bits: ActivationBits; most: number }): void {
    let weightBits = most - 1;
    while (weightBits >= FEWEST_WEIGHT_BITS && attempt({ bits, weightBits }) !== "missed") weightBits -= 1;
}

/** All bits of a tensor, or ever fewer for as long as that is better. */
function otherBits({ attempt, tensor, bits, weightBits }: Choice & { attempt: Attempt; tensor: string }): void {
    const given = bits.get(tensor);
    if (given === undefined || attempt({ bits: without(bits, tensor), weightBits }) === "better") return;
    let count = given - 1;
    while (count >= FEWEST_BITS && attempt({ bits: new Map([...bits, [tensor, count]]), weightBits }) === "better") {
        count -= 1;
    }
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
