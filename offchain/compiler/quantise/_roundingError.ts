import type { FloatGraph } from "../graph/types.ts";
import { at } from "../integer/at.ts";
import { createReference } from "./accuracy.ts";
import type { Calibration } from "./calibration.ts";
import { gridOf, type InputFormat, quantiseElement } from "./inputFormat.ts";

/** Enough samples to see whether an input is too coarse. */
const MOST_SAMPLES = 32;

type Rounding = {
    graph: FloatGraph;
    calibration: Calibration;
    /** Which elements of a sample the input has. */
    start: number;
    end: number;
    format: InputFormat;
};

/** What rounding one input to a format changes in the float model's scores: mean over the range of scores, in percent. */
export function roundingErrorPct({ graph, calibration, start, end, format }: Rounding): number {
    const samples = calibration.samples.slice(0, MOST_SAMPLES);
    const rounded = samples.map((sample) =>
        sample.map((value, place) =>
            place < start || place >= end ? value : roundedTo({ format, value, index: place - start }),
        ),
    );
    const wanted = createReference({ graph, calibration: { ...calibration, samples } }).outputs;
    const actual = createReference({ graph, calibration: { ...calibration, samples: rounded } }).outputs;
    const errors = wanted.map(({ scores }, output) => {
        const before = scores.flatMap((values) => [...values]);
        const after = at(actual, output).scores.flatMap((values) => [...values]);
        const total = before.reduce((sum, value, place) => sum + Math.abs(value - at(after, place)), 0);
        const span =
            before.reduce((soFar, value) => Math.max(soFar, value), Number.NEGATIVE_INFINITY) -
            before.reduce((soFar, value) => Math.min(soFar, value), Number.POSITIVE_INFINITY);
        return span > 0 ? (100 * total) / before.length / span : 0;
    });
    return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

function roundedTo({ format, value, index }: { format: InputFormat; value: number; index: number }): number {
    const { scaleLog2, zeroPoint } = gridOf({ format, index });
    return Number(quantiseElement({ format, value, index }) - zeroPoint) * 2 ** -scaleLog2;
}
