import { ProtocolError } from "@assay/protocol";
import { createFloatEvaluator } from "../graph/evaluate.ts";
import type { RealRange } from "../graph/functions.ts";
import type { FloatGraph } from "../graph/types.ts";
import type { Analysis } from "../integer/analyse.ts";
import { at } from "../integer/at.ts";
import { createInterpreter } from "../integer/interpret.ts";
import { found, type IntegerGraph } from "../integer/types.ts";
import type { Calibration } from "./calibration.ts";
import { type InputFormats, quantiseSample } from "./inputFormats.ts";

/** The float model's behaviour on the calibration samples: computed once, compared with many integer graphs. */
export type Reference = {
    /** By output. */
    outputs: ReferenceOutput[];
    /** By tensor: the values seen. */
    ranges: ReadonlyMap<string, RealRange>;
};

/** What is compared of one output: the scores behind an arg-max, else the output itself. */
type ReferenceOutput = {
    tensor: string;
    /** By sample. */
    scores: Float64Array[];
};

/** How far an integer graph is from the float model. */
export type Accuracy = {
    /** Part of the samples whose greatest score is the float model's greatest, or hardly less than it, in every output. */
    top1Agreement: number;
    /** Of score differences, in units of the float output. */
    maxAbsError: number;
    meanAbsError: number;
    /** Mean of the outputs' mean errors, each over the range of its float scores, in percent. */
    meanAbsPctDiff: number;
    /** By tensor that is clamped: how many of its elements lay beyond its range. */
    saturations: Saturation[];
};
/** Elements over all samples. */
type Saturation = { tensor: string; count: number; of: number };

/** Part of the range of scores up to which two of them count as equal: those of saturated functions often are. */
const TIE = 1 / 1000;
/** Samples beyond this add time, not knowledge. */
const MOST_SAMPLES = 512;

/** Runs the float model on the calibration samples. */
export function createReference({ graph, calibration }: { graph: FloatGraph; calibration: Calibration }): Reference {
    const outputs = scoreTensors(graph).map((tensor): ReferenceOutput => ({ tensor, scores: [] }));
    const evaluator = createFloatEvaluator(graph);
    const ranges = new Map<string, RealRange>();
    for (const sample of calibration.samples.slice(0, MOST_SAMPLES)) {
        const values = evaluator.trace(sample);
        for (const [name, elements] of values) {
            const seen = ranges.get(name) ?? { lo: Number.POSITIVE_INFINITY, hi: Number.NEGATIVE_INFINITY };
            let { lo, hi } = seen;
            for (const value of elements) [lo, hi] = [Math.min(lo, value), Math.max(hi, value)];
            ranges.set(name, { lo, hi });
        }
        for (const { tensor, scores } of outputs)
            scores.push(finite({ tensor, values: found({ map: values, name: tensor }) }));
    }
    return { outputs, ranges };
}

function finite({ tensor, values }: { tensor: string; values: Float64Array }): Float64Array {
    if (values.every(Number.isFinite)) return values;
    throw new ProtocolError({
        code: "MODEL_INTERVAL_OVERFLOW",
        message: `"${tensor}": the float model gives no finite number on a calibration sample.`,
    });
}

type Comparison = { analysis: Analysis; reference: Reference; calibration: Calibration; formats: InputFormats };

/** Compares an integer graph with the float model on the calibration samples. */
export function measureAccuracy({ analysis, reference, calibration, formats }: Comparison): Accuracy {
    const interpreter = createInterpreter(analysis);
    const { graph } = analysis;
    const tallies = reference.outputs.map(({ scores }) => ({
        maxAbsError: 0,
        sum: 0,
        compared: 0,
        span: spanOf(scores),
    }));
    const count = at(reference.outputs, 0).scores.length;
    const clamps = createClampCounter(graph);
    let agreeing = 0;
    for (const [index, sample] of calibration.samples.slice(0, count).entries()) {
        const values = interpreter.trace(quantiseSample({ graph, formats, sample }));
        const agrees = reference.outputs.map(({ tensor, scores }, output) => {
            const reals = realsOf({ graph, values, tensor });
            const wanted = at(scores, index);
            addErrors({ tally: at(tallies, output), reals, wanted });
            const chosen = at(wanted, firstGreatest(reals));
            return at(wanted, firstGreatest(wanted)) - chosen <= TIE * at(tallies, output).span;
        });
        if (agrees.every(Boolean)) agreeing += 1;
        clamps.add(values);
    }
    const relative = tallies.map(({ sum, compared, span }) => (span > 0 ? (100 * sum) / compared / span : 0));
    return {
        top1Agreement: agreeing / count,
        maxAbsError: Math.max(...tallies.map(({ maxAbsError }) => maxAbsError)),
        meanAbsError: total(tallies.map(({ sum }) => sum)) / total(tallies.map(({ compared }) => compared)),
        meanAbsPctDiff: total(relative) / relative.length,
        saturations: clamps.counts(),
    };
}

/** Counts, over many runs, what each clamp of a graph cuts off. */
function createClampCounter({ nodes }: IntegerGraph) {
    const clamps = nodes.flatMap((node) => (node.op === "clamp" ? [{ node, count: 0, of: 0 }] : []));
    return {
        add: (values: ReadonlyMap<string, readonly bigint[]>): void => {
            for (const clamp of clamps) {
                const { inputs, min, max } = clamp.node;
                const elements = found({ map: values, name: at(inputs, 0) });
                clamp.count += elements.filter((value) => value < min || value > max).length;
                clamp.of += elements.length;
            }
        },
        counts: (): Saturation[] => clamps.map(({ node, count, of }) => ({ tensor: node.output, count, of })),
    };
}

type Reals = { graph: IntegerGraph; values: Map<string, bigint[]>; tensor: string };

/** The real numbers that a tensor's integers stand for. */
export function realsOf({ graph, values, tensor }: Reals): number[] {
    const { scaleLog2, zeroPoint } = found({ map: graph.tensors, name: tensor });
    return found({ map: values, name: tensor }).map((value) => Number(value - zeroPoint) * 2 ** -scaleLog2);
}

type Tally = { maxAbsError: number; sum: number; compared: number };

function addErrors({ tally, reals, wanted }: { tally: Tally; reals: number[]; wanted: Float64Array }): void {
    for (const [position, real] of reals.entries()) {
        const error = Math.abs(real - at(wanted, position));
        tally.maxAbsError = Math.max(tally.maxAbsError, error);
        tally.sum += error;
        tally.compared += 1;
    }
}

/** Greatest less least score over all samples. */
function spanOf(scores: readonly Float64Array[]): number {
    let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const sample of scores) {
        for (const value of sample) [least, greatest] = [Math.min(least, value), Math.max(greatest, value)];
    }
    return greatest - least;
}

function scoreTensors({ nodes, outputs }: FloatGraph): string[] {
    const producers = new Map(nodes.map((node) => [node.output, node]));
    return outputs.map(({ tensor }) => {
        let producer = producers.get(tensor);
        while (producer?.op === "reshape") producer = producers.get(at(producer.inputs, 0));
        return producer?.op === "argMax" ? at(producer.inputs, 0) : tensor;
    });
}

function total(values: readonly number[]): number {
    return values.reduce((sum, value) => sum + value, 0);
}

function firstGreatest(values: ArrayLike<number>): number {
    let best = 0;
    for (let index = 1; index < values.length; index++) if (at(values, index) > at(values, best)) best = index;
    return best;
}
