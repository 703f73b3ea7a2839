import { dtypeOf } from "@assay/protocol";

/** How a real input becomes an integer: integer = round(real * 2^scaleLog2) + zeroPoint, within [min, max]. */
export type InputFormat = {
    /** ONNX number of the element type that carries the integer. */
    dtype: number;
    /** Significant bits; [min, max] is every value that they can hold. */
    bits: number;
    min: bigint;
    max: bigint;
    scaleLog2: number;
    zeroPoint: bigint;
};

/** Real values that the input is expected to take. */
export type InputRange = { lo: number; hi: number };

/** Inputs finer than 2^-24 are not looked for: float32 images and counts have no more. */
const FINEST_GRID_LOG2 = 24;
/** Part of the observed width that is added at each end, for inputs that calibration did not show. */
const MARGIN = 1 / 8;

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
    const margin = (range.hi - range.lo) * MARGIN;
    const lo = range.lo >= 0 ? Math.max(0, range.lo - margin) : range.lo - margin;
    const hi = range.hi <= 0 ? Math.min(0, range.hi + margin) : range.hi + margin;
    const centred = finestScale(
        (factor) => bitsFor({ lo: Math.round(lo * factor), hi: Math.round(hi * factor) }) <= bits,
    );
    const shifted = finestScale((factor) => Math.round(hi * factor) - Math.round(lo * factor) < 2 ** bits);
    const isSigned = Math.round(lo * 2 ** centred) < 0; // what rounds to 0 needs no sign
    if (shifted <= centred) return format({ isSigned, bits, scaleLog2: centred, zeroPoint: 0 });
    return format({ isSigned: false, bits, scaleLog2: shifted, zeroPoint: -Math.round(lo * 2 ** shifted) });
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

/** One real value as the integer that the model takes; beyond the range it is left outside, for others to refuse. */
export function quantiseElement({ format, value }: { format: InputFormat; value: number }): bigint {
    return BigInt(Math.round(value * 2 ** format.scaleLog2)) + format.zeroPoint;
}
