import { createFloatEvaluator } from "../graph/evaluate.ts";
import type { FloatGraph } from "../graph/types.ts";
import type { Analysis } from "../integer/analyse.ts";
import { at } from "../integer/at.ts";
import { createInterpreter } from "../integer/interpret.ts";
import { found } from "../integer/types.ts";
import type { Calibration } from "./calibration.ts";
import { type InputFormat, quantiseElement } from "./inputFormat.ts";

/** The float model's behaviour on the calibration samples: computed once, compared with many integer graphs. */
export type Reference = {
    /** The scores behind an arg-max output, else the output itself. */
    tensor: string;
    /** By sample. */
    scores: Float64Array[];
    /** Greatest less least score over all samples. */
    span: number;
    /** By tensor: the greatest absolute value seen. */
    ranges: ReadonlyMap<string, number>;
};

/** How far an integer graph is from the float model. */
export type Accuracy = {
    /** Part of the samples whose greatest score has the same index. */
    top1Agreement: number;
    /** Of score differences, in units of the float output. */
    maxAbsError: number;
    meanAbsError: number;
    /** meanAbsError over the range of the float scores, in percent. */
    meanAbsPctDiff: number;
};

/** Samples beyond this add time, not knowledge. */
const MOST_SAMPLES = 512;

/** Runs the float model on the calibration samples. */
export function createReference({ graph, calibration }: { graph: FloatGraph; calibration: Calibration }): Reference {
    const tensor = scoreTensor(graph);
    const evaluator = createFloatEvaluator(graph);
    const ranges = new Map<string, number>();
    const scores: Float64Array[] = [];
    let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const sample of calibration.samples.slice(0, MOST_SAMPLES)) {
        const values = evaluator.trace(sample);
        for (const [name, elements] of values) {
            const size = elements.reduce((soFar, value) => Math.max(soFar, Math.abs(value)), 0);
            ranges.set(name, Math.max(ranges.get(name) ?? 0, size));
        }
        const sampleScores = found({ map: values, name: tensor });
        scores.push(sampleScores);
        least = sampleScores.reduce((soFar, value) => Math.min(soFar, value), least);
        greatest = sampleScores.reduce((soFar, value) => Math.max(soFar, value), greatest);
    }
    return { tensor, scores, span: greatest - least, ranges };
}

type Comparison = { analysis: Analysis; reference: Reference; calibration: Calibration; format: InputFormat };

/** Compares an integer graph with the float model on the calibration samples. */
export function measureAccuracy({ analysis, reference, calibration, format }: Comparison): Accuracy {
    const interpreter = createInterpreter(analysis);
    const { scaleLog2, zeroPoint } = found({ map: analysis.graph.tensors, name: reference.tensor });
    let [agreeing, maxAbsError, sumOfErrors, compared] = [0, 0, 0, 0];
    for (const [index, scores] of reference.scores.entries()) {
        const input = at(calibration.samples, index).map((value) => quantiseElement({ format, value }));
        const integers = found({ map: interpreter.trace(input), name: reference.tensor });
        const reals = integers.map((value) => Number(value - zeroPoint) * 2 ** -scaleLog2);
        if (firstGreatest(reals) === firstGreatest(scores)) agreeing += 1;
        for (const [position, real] of reals.entries()) {
            const error = Math.abs(real - at(scores, position));
            maxAbsError = Math.max(maxAbsError, error);
            sumOfErrors += error;
            compared += 1;
        }
    }
    const meanAbsError = sumOfErrors / compared;
    return {
        top1Agreement: agreeing / reference.scores.length,
        maxAbsError,
        meanAbsError,
        meanAbsPctDiff: reference.span > 0 ? (100 * meanAbsError) / reference.span : 0,
    };
}

function scoreTensor({ nodes, outputs }: FloatGraph): string {
    const output = at(outputs, 0).tensor;
    const producer = nodes.find((node) => node.output === output);
    return producer?.op === "argMax" ? at(producer.inputs, 0) : output;
}

function firstGreatest(values: ArrayLike<number>): number {
    let best = 0;
    for (let index = 1; index < values.length; index++) if (at(values, index) > at(values, best)) best = index;
    return best;
}
