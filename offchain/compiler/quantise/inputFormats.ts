import { dtypeOf, ProtocolError } from "@assay/protocol";
import type { FloatGraph, FloatInput } from "../graph/types.ts";
import { at } from "../integer/at.ts";
import { countOf, type IntegerGraph, shapeOf } from "../integer/types.ts";
import { isInteger } from "../onnx/dtypes.ts";
import { readersScaleColumns } from "./_columns.ts";
import { roundingErrorPct } from "./_roundingError.ts";
import type { Calibration } from "./calibration.ts";
import {
    type Column,
    chooseColumnGrids,
    chooseInputFormat,
    chooseWholeFormat,
    hasGrid,
    type InputFormat,
    integerDtype,
    quantiseElement,
} from "./inputFormat.ts";

/** The format of every input, by tensor. */
export type InputFormats = ReadonlyMap<string, InputFormat>;

/** A table whose rounding changes scores by less than this part of their range needs no grid for each column. */
const FINE_PCT = 0.1;

type Choice = { graph: FloatGraph; calibration: Calibration; bits: number };

/** Formats for all inputs: what the model fixes, whole numbers as they are, reals within `bits` bits. */
export function chooseInputFormats({ graph, calibration, bits }: Choice): InputFormats {
    const formats = new Map<string, InputFormat>();
    let start = 0;
    for (const [index, input] of graph.inputs.entries()) {
        const end = start + countOf(graph.shapes.get(input.tensor) ?? []);
        formats.set(input.tensor, chooseFormat({ graph, calibration, bits, input, index, start, end }));
        start = end;
    }
    return formats;
}

/** `start` and `end` are where the input's elements lie in a sample. */
type OneChoice = Choice & { input: FloatInput; index: number; start: number; end: number };

function chooseFormat({ graph, calibration, bits, input, index, start, end }: OneChoice): InputFormat {
    const range = at(calibration.ranges, index);
    if (input.format !== undefined) return input.format;
    if (isInteger(input.dtype)) return chooseWholeFormat(range);
    if (calibration.kind !== "given") return chooseInputFormat({ samples: [], range, bits });
    const samples = calibration.samples.map((sample) => sample.slice(start, end));
    const all = { samples: samples.flat(), range, bits };
    const whole = chooseInputFormat(all);
    const columns = hasGrid(all) ? undefined : columnsOf({ graph, input, samples });
    if (columns === undefined) return whole;
    const split = chooseColumnGrids({ columns, bits });
    const [error, splitError] = [whole, split].map((format) =>
        roundingErrorPct({ graph, calibration, start, end, format }),
    );
    // Grids of their own narrow the range of every column: only where that halves what rounding loses
    const isWorthIt = error !== undefined && splitError !== undefined && error > FINE_PCT && splitError < error / 2;
    return isWorthIt ? split : whole;
}

/** The columns of a table whose readers can scale each by itself; undefined for any other input. */
function columnsOf({ graph, input, samples }: { graph: FloatGraph; input: FloatInput; samples: number[][] }) {
    const shape = graph.shapes.get(input.tensor) ?? [];
    const width = shape.at(-1) ?? 1;
    if (shape.length > 2 || width === 1 || !readersScaleColumns({ graph, tensor: input.tensor })) return undefined;
    const columns = Array.from({ length: width }, (_, column): Column => {
        const rows = countOf(shape) / width;
        const values = samples.flatMap((sample) =>
            Array.from({ length: rows }, (_row, row) => at(sample, row * width + column)),
        );
        return { samples: values, range: { lo: Math.min(...values), hi: Math.max(...values) } };
    });
    const median = medianWidth(columns);
    return columns.map((column) => withWidth({ column, width: median }));
}

/** A column that calibration shows as one number gets the median width around it. */
function withWidth({ column, width }: { column: Column; width: number }): Column {
    const { lo, hi } = column.range;
    if (hi > lo) return column;
    return { samples: [], range: { lo: lo >= 0 ? Math.max(0, lo - width) : lo - width, hi: hi + width } };
}

function medianWidth(columns: readonly Column[]): number {
    const widths = columns.map(({ range: { lo, hi } }) => hi - lo).toSorted((left, right) => left - right);
    return at(widths, Math.floor(widths.length / 2));
}

type Sample = { graph: IntegerGraph; formats: InputFormats; sample: readonly number[] };

/** The elements of all inputs as the integers that the graph takes. */
export function quantiseSample({ graph, formats, sample }: Sample): bigint[] {
    let start = 0;
    return graph.inputs.flatMap(({ tensor }) => {
        const format = formatOf({ formats, tensor });
        const values = sample.slice(start, start + countOf(shapeOf({ graph, tensor })));
        start += values.length;
        return values.map((value, index) => quantiseElement({ format, value, index }));
    });
}

/** The format of one input. */
export function formatOf({ formats, tensor }: { formats: InputFormats; tensor: string }): InputFormat {
    const format = formats.get(tensor);
    if (format === undefined) throw new RangeError(`Input "${tensor}" has no format`);
    return format;
}

/** Element type and significant bits that hold the elements of all inputs: one type for the whole side. */
export function joinFormats(formats: InputFormats): { dtype: number; bits: number } {
    const [first, ...others] = [...formats.values()];
    if (first === undefined) throw new RangeError("A model has an input");
    const all = [first, ...others];
    if (others.every(({ dtype }) => dtype === first.dtype)) {
        return { dtype: first.dtype, bits: Math.max(...all.map(({ bits }) => bits)) };
    }
    if (all.some(({ dtype }) => !isInteger(dtype))) {
        const message = "An input of raw float32 elements stands beside one of whole numbers.";
        throw new ProtocolError({ code: "MODEL_IO_UNSUPPORTED", message });
    }
    const parts = all.map(({ dtype, bits }) => ({ bits, isSigned: dtypeOf(dtype).signed }));
    const isSigned = parts.some((part) => part.isSigned);
    const bits = Math.max(...parts.map((part) => part.bits + (isSigned && !part.isSigned ? 1 : 0)));
    return { dtype: integerDtype({ isSigned, bits }), bits };
}
