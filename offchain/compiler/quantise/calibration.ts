import { ProtocolError } from "@assay/protocol";
import type { FloatGraph } from "../graph/types.ts";
import { at } from "../integer/at.ts";
import { countOf } from "../integer/types.ts";
import { DTYPE, isInteger } from "../onnx/dtypes.ts";
import { assumedRange, type InputRange } from "./inputFormat.ts";
import { createRandom } from "./random.ts";

/** Inputs on which scales are chosen and accuracy is measured; they never affect soundness. */
export type Calibration = {
    /** Samples, one input whose interval was widened, or nothing. */
    kind: "given" | "input" | "none";
    /** Elements of all inputs, one input after the other. */
    samples: readonly (readonly number[])[];
    /** By input: the real values that it is expected to take. */
    ranges: readonly InputRange[];
};

/** One input tensor of the model. */
type Port = { count: number; dtype: number };

/** How much wider than one input its expected range is. */
const WIDENING = 4;
/** Samples that stand in where there are no real ones. */
const MADE_SAMPLES = 64;
/** Any odd number: made samples must be the same in every compilation. */
const SEED = 0x9e3779b1;

/**
 * Checks the given lists, one per input and sample, inputs in the model's order within a sample; makes samples where a
 * single one or none is given. Throws CALIBRATION_INVALID.
 */
export function createCalibration({
    given,
    graph,
}: {
    given: readonly (readonly number[])[] | undefined;
    graph: Pick<FloatGraph, "inputs" | "shapes">;
}): Calibration {
    const ports = graph.inputs.map(({ tensor, dtype }) => ({ count: countOf(graph.shapes.get(tensor) ?? []), dtype }));
    if (given === undefined) {
        const ranges = ports.map(({ dtype }) => assumedRange(dtype));
        return { kind: "none", samples: madeSamples({ ports, ranges, count: MADE_SAMPLES }), ranges };
    }
    const samples = groupLists({ given, ports });
    const ranges = rangesOf({ samples, ports });
    const [first, ...others] = samples;
    if (first === undefined) throw invalid("No sample is given.");
    if (others.length > 0) return { kind: "given", samples, ranges };
    const wide = ranges.map((range, index) => withinType({ range: widened(range), dtype: at(ports, index).dtype }));
    const made = madeSamples({ ports, ranges: wide, count: MADE_SAMPLES - 1 });
    return { kind: "input", samples: [first, ...made], ranges: wide };
}

type Lists = { given: readonly (readonly number[])[]; ports: Port[] };

function groupLists({ given, ports }: Lists): number[][] {
    if (given.length % ports.length !== 0) {
        throw invalid(`${given.length} lists are given; the model takes ${ports.length} for each sample.`);
    }
    return Array.from({ length: given.length / ports.length }, (_, sample) =>
        ports.flatMap(({ count }, input) => {
            const list = at(given, sample * ports.length + input);
            const what = ports.length === 1 ? `Sample ${sample}` : `Sample ${sample}, input ${input}`;
            if (list.length !== count) {
                throw invalid(`${what} has ${list.length} elements; the model takes ${count}.`);
            }
            const stray = list.find((value) => !Number.isFinite(value));
            if (stray !== undefined) throw invalid(`${what} contains ${stray}.`);
            return [...list];
        }),
    );
}

function rangesOf({ samples, ports }: { samples: readonly number[][]; ports: Port[] }): InputRange[] {
    let start = 0;
    return ports.map(({ count }) => {
        const end = start + count;
        let [lo, hi] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
        for (const sample of samples) {
            for (const value of sample.slice(start, end)) [lo, hi] = [Math.min(lo, value), Math.max(hi, value)];
        }
        start = end;
        return { lo, hi };
    });
}

/** Four times as wide about the same middle; a range without width grows about its size. */
function widened({ lo, hi }: InputRange): InputRange {
    const width = hi > lo ? hi - lo : Math.abs(hi) > 0 ? Math.abs(hi) : 1;
    const more = (width * (WIDENING - 1)) / 2;
    return { lo: lo - more, hi: hi + more };
}

/** Whole numbers do not leave what their element type holds. */
function withinType({ range: { lo, hi }, dtype }: { range: InputRange; dtype: number }): InputRange {
    if (!isInteger(dtype)) return { lo, hi };
    const limits = assumedRange(dtype);
    const isNarrow = dtype === DTYPE.BOOL || dtype === DTYPE.UINT8 || dtype === DTYPE.INT8;
    const least = limits.lo < 0 && !isNarrow ? lo : Math.max(lo, limits.lo);
    return { lo: Math.ceil(least), hi: Math.floor(isNarrow ? Math.min(hi, limits.hi) : hi) };
}

type Making = { ports: Port[]; ranges: readonly InputRange[]; count: number };

function madeSamples({ ports, ranges, count }: Making): number[][] {
    const random = createRandom(SEED);
    const element = ({ lo, hi }: InputRange, dtype: number) => {
        const value = lo + (hi - lo) * random();
        return isInteger(dtype) ? Math.round(value) : value;
    };
    return Array.from({ length: count }, () =>
        ports.flatMap((port, input) =>
            Array.from({ length: port.count }, () => element(at(ranges, input), port.dtype)),
        ),
    );
}

function invalid(message: string): ProtocolError {
    return new ProtocolError({ code: "CALIBRATION_INVALID", message });
}
