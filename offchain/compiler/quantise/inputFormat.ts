import { dtypeOf } from "@assay/protocol";
import { bitsOfFloat, GREATEST_BITS } from "../integer/floatKey.ts";
import { DTYPE } from "../onnx/dtypes.ts";

/** How a real becomes an integer: integer = round(real * 2^scaleLog2) + zeroPoint. */
export type Grid = { scaleLog2: number; zeroPoint: bigint };

/** How the elements of one input tensor become integers within [min, max], all by one grid or each column by its own. */
export type InputFormat = Grid & {
    /** ONNX number of the element type that carries the integer. */
    dtype: number;
    /** Significant bits; [min, max] is every value that they can hold. */
    bits: number;
    min: bigint;
    max: bigint;
    /**
     * By position in the last axis; none unless columns differ widely. With columns the tensor itself stands for its
     * integers (scaleLog2 0, zeroPoint 0), and whatever reads it divides by the scale of each column.
     */
    columns?: readonly Grid[] | undefined;
};

/** Every float32 number by its raw bits: of a model that only compares its input. */
export const RAW_FLOATS: InputFormat = {
    dtype: DTYPE.FLOAT,
    bits: 32,
    min: 0n,
    max: GREATEST_BITS,
    scaleLog2: 0,
    zeroPoint: 0n,
};

/** Real values that the input is expected to take. */
export type InputRange = { lo: number; hi: number };

/** Inputs finer than 2^-24 are not looked for: float32 images and counts have no more. */
const FINEST_GRID_LOG2 = 24;
/** Part of the observed width that is added at each end, for inputs that calibration did not show. */
const MARGIN = 1 / 8;

/** What inputs are assumed to be when nothing is known of them: standardised reals widened four times, or bytes. */
export function assumedRange(dtype: number): InputRange {
    if (dtype === DTYPE.FLOAT || dtype === DTYPE.DOUBLE) return { lo: -4, hi: 4 };
    if (dtype === DTYPE.BOOL) return { lo: 0, hi: 1 };
    const isSigned = dtype === DTYPE.INT8 || dtype === DTYPE.INT16 || dtype === DTYPE.INT32 || dtype === DTYPE.INT64;
    return isSigned ? { lo: -128, hi: 127 } : { lo: 0, hi: 255 };
}

/**
 * The format for a range of reals. When all samples lie on a power-of-two grid that `bits` can hold, exactly that grid
 * with the fewest bits; otherwise the finest grid of `bits` bits that covers the range and a margin.
 */
export function chooseInputFormat({
    samples,
    range,
    bits,
}: {
    samples: readonly number[];
    range: InputRange;
    bits: number;
}) {
    return gridFormat({ samples, range, bits }) ?? coveringFormat({ range, bits });
}

/** The format of an input that is whole numbers in the source model: every one of the range, whatever the bits. */
export function chooseWholeFormat({ lo, hi }: InputRange): InputFormat {
    const bits = Math.max(1, bitsFor({ lo: Math.floor(lo), hi: Math.ceil(hi) }));
    return format({ isSigned: lo < 0, bits, scaleLog2: 0, zeroPoint: 0 });
}

/** One grid for each column, all unsigned of `bits` bits: the finest that fits its range. */
export function chooseColumnGrids({ columns, bits }: { columns: readonly Column[]; bits: number }): InputFormat {
    const grids = columns.map(({ samples, range }): Grid => {
        // A grid of its own stays exact on every finer one; units of one size keep the weights of all columns alike
        const isExact = hasGrid({ samples, range, bits });
        return shiftedGrid({ range: isExact ? range : withMargin(range), bits });
    });
    return { ...format({ isSigned: false, bits, scaleLog2: 0, zeroPoint: 0 }), columns: grids };
}

/** What calibration showed of one column. */
export type Column = { samples: readonly number[]; range: InputRange };

/** Whether the samples lie on a power-of-two grid that `bits` can hold. */
export function hasGrid(column: Column & { bits: number }): boolean {
    return gridFormat(column) !== undefined;
}

function gridFormat({ samples, range, bits }: { samples: readonly number[]; range: InputRange; bits: number }) {
    if (samples.length === 0) return undefined;
    for (let scaleLog2 = 0; scaleLog2 <= FINEST_GRID_LOG2; scaleLog2++) {
        const factor = 2 ** scaleLog2;
        if (!samples.every((value) => Number.isInteger(value * factor))) continue;
        const needed = bitsFor({ lo: range.lo * factor, hi: range.hi * factor });
        if (needed > bits) return undefined;
        return format({ isSigned: range.lo < 0, bits: Math.max(1, needed), scaleLog2, zeroPoint: 0 });
    }
    return undefined;
}

function coveringFormat({ range, bits }: { range: InputRange; bits: number }): InputFormat {
    const { lo, hi } = withMargin(range);
    const centred = finestScale(
        (factor) => bitsFor({ lo: Math.round(lo * factor), hi: Math.round(hi * factor) }) <= bits,
    );
    const shifted = shiftedGrid({ range: { lo, hi }, bits });
    const isSigned = Math.round(lo * 2 ** centred) < 0; // what rounds to 0 needs no sign
    if (shifted.scaleLog2 <= centred) return format({ isSigned, bits, scaleLog2: centred, zeroPoint: 0 });
    return { ...format({ isSigned: false, bits, scaleLog2: 0, zeroPoint: 0 }), ...shifted };
}

/** The finest grid on which the least value is 0 and the greatest fits. */
function shiftedGrid({ range: { lo, hi }, bits }: { range: InputRange; bits: number }): Grid {
    const scaleLog2 = finestScale((factor) => Math.round(hi * factor) - Math.round(lo * factor) < 2 ** bits);
    return { scaleLog2, zeroPoint: -BigInt(Math.round(lo * 2 ** scaleLog2)) };
}

function withMargin({ lo, hi }: InputRange): InputRange {
    const margin = (hi - lo) * MARGIN;
    return {
        lo: lo >= 0 ? Math.max(0, lo - margin) : lo - margin,
        hi: hi <= 0 ? Math.min(0, hi + margin) : hi + margin,
    };
}

/** The greatest scale that `fits`; a range of zero width is as fine as the grid goes. */
function finestScale(fits: (factor: number) => boolean): number {
    let scaleLog2 = FINEST_GRID_LOG2;
    while (scaleLog2 > -FINEST_GRID_LOG2 && !fits(2 ** scaleLog2)) scaleLog2 -= 1;
    return scaleLog2;
}

/** Bits of every integer in a range: unsigned when none is negative, else two's complement. */
function bitsFor({ lo, hi }: InputRange): number {
    const width = (value: number) => (value <= 0 ? 0 : Math.floor(Math.log2(value)) + 1);
    return lo >= 0 ? width(hi) : 1 + Math.max(width(hi), width(-lo - 1));
}

type Format = { isSigned: boolean; bits: number; scaleLog2: number; zeroPoint: number };

function format({ isSigned, bits, scaleLog2, zeroPoint }: Format): InputFormat {
    const half = 1n << BigInt(bits - 1);
    const [min, max] = isSigned ? [-half, half - 1n] : [0n, 2n * half - 1n];
    return { dtype: integerDtype({ isSigned, bits }), bits, min, max, scaleLog2, zeroPoint: BigInt(zeroPoint) };
}

/** ONNX number of the narrowest integer type of a width. */
export function integerDtype({ isSigned, bits }: { isSigned: boolean; bits: number }): number {
    const width = [8, 16, 32, 64].find((size) => size >= bits) ?? 64;
    return dtypeOf(`${isSigned ? "int" : "uint"}${width}`).onnx;
}

/** The grid of an element, by its position in the tensor. */
export function gridOf({ format, index }: { format: InputFormat; index: number }): Grid {
    const { columns = [] } = format;
    return columns[index % columns.length] ?? format;
}

/** One real value as the integer that the model takes; beyond the range it is left outside, for others to refuse. */
export function quantiseElement({
    format,
    value,
    index = 0,
}: {
    format: InputFormat;
    value: number;
    index?: number;
}): bigint {
    if (format.dtype === DTYPE.FLOAT) return bitsOfFloat(value);
    const { scaleLog2, zeroPoint } = gridOf({ format, index });
    return BigInt(Math.round(value * 2 ** scaleLog2)) + zeroPoint;
}
