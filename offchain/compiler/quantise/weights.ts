import { at } from "../integer/at.ts";
import { rowsOf } from "../integer/rows.ts";
import { type ConvKernel, countOf, type Kernel, type SelectKernel } from "../integer/types.ts";

/** Scales beyond this would leave the doubles' exact whole numbers for any weight. */
const GREATEST_SCALE_LOG2 = 40;

/** Whole weights below this are never rounded, whatever the bits: they are how a model counts and computes indices. */
const WHOLE_WEIGHT_LIMIT = 2 ** 24;

/**
 * The finest power-of-two scale at which no weight needs more than `bits` bits, sign included. Whole weights keep their
 * units even if they need more; so do factors of single elements keep their bits, which are no sums to become wider.
 */
export function weightScaleLog2({ kernel, bits }: { kernel: Kernel; bits: number }): number {
    const weights = weightsOf(kernel);
    const greatest = weights.reduce((soFar, weight) => Math.max(soFar, Math.abs(weight)), 0);
    if (greatest === 0) return 0;
    const finest =
        kernel.kind === "scale" ? elementScale({ weights, greatest, bits }) : finestScale({ greatest, bits });
    return greatest < WHOLE_WEIGHT_LIMIT && weights.every(Number.isInteger) ? Math.max(0, finest) : finest;
}

/** How much finer than the greatest weight asks for the filters of smaller weights may be counted, in bits. */
const MOST_FILTER_BITS = 8;
/** Sums below 2^24 are exact as float32, those below 2^53 as float64, with some room for the bias. */
const [NARROW_SUM_BITS, WIDE_SUM_BITS] = [23, 50];

type Filters = { kernel: ConvKernel; bits: number; greatestInput: number };

/**
 * As `weightScaleLog2`, but as fine as the filter with the smallest weights can use, if sums do not become too wide for
 * the type that they are computed in: what is coarser in other filters is a power of two that all their weights share.
 */
export function filterScaleLog2({ kernel, bits, greatestInput }: Filters): number {
    const scaleLog2 = weightScaleLog2({ kernel, bits });
    if (kernel.weights.every((weight) => Number.isInteger(weight * 2 ** scaleLog2))) return scaleLog2;
    const filters = filtersOf(kernel);
    const finest = Math.max(...filters.map((weights) => finestFilterScale({ weights, bits, least: scaleLog2 })));
    const greatestSum = Math.max(...filters.map((weights) => weights.reduce((sum, w) => sum + Math.abs(w), 0)));
    const sumBits = Math.ceil(Math.log2(greatestSum * greatestInput + 1)) + scaleLog2;
    const room = (sumBits <= NARROW_SUM_BITS ? NARROW_SUM_BITS : WIDE_SUM_BITS) - sumBits;
    return scaleLog2 + Math.max(0, Math.min(finest - scaleLog2, MOST_FILTER_BITS, room));
}

function filtersOf({ filters, weights }: ConvKernel): number[][] {
    const length = weights.length / filters;
    return Array.from({ length: filters }, (_, filter) => weights.slice(filter * length, (filter + 1) * length));
}

function finestFilterScale({ weights, bits, least }: { weights: number[]; bits: number; least: number }): number {
    const greatest = weights.reduce((soFar, weight) => Math.max(soFar, Math.abs(weight)), 0);
    return greatest === 0 ? least : Math.max(least, finestScale({ greatest, bits }));
}

/** By filter: how many bits its weights drop, so that they need no more than `bits` at a scale. */
export function droppedByFilter({ kernel, bits, scaleLog2 }: Omit<Filters, "greatestInput"> & { scaleLog2: number }) {
    const least = Math.min(scaleLog2, weightScaleLog2({ kernel, bits }));
    return filtersOf(kernel).map((weights) => Math.max(0, scaleLog2 - finestFilterScale({ weights, bits, least })));
}

type Dropping = { kernel: ConvKernel; scaleLog2: number; dropped: readonly number[] };

/** A convolution quantised at a scale, of each filter as many bits dropped as told. */
export function quantiseFilters({ kernel, scaleLog2, dropped }: Dropping): ConvKernel {
    const length = kernel.weights.length / kernel.filters;
    const weights = kernel.weights.map((weight, index) => {
        const bits = at(dropped, Math.floor(index / length));
        return Math.round(weight * 2 ** (scaleLog2 - bits)) * 2 ** bits + 0;
    });
    return { ...kernel, weights };
}

/** Bits of the greatest factor when the least one has as many as wanted, at most. */
const WIDEST_FACTOR_BITS = 32;

/** The scale at which the least factor that is not 0 has its bits. */
function elementScale({ weights, greatest, bits }: { weights: number[]; greatest: number; bits: number }): number {
    const sizes = weights.map(Math.abs).filter((size) => size > 0);
    const least = sizes.reduce((soFar, size) => Math.min(soFar, size), greatest);
    const wanted = finestScale({ greatest: least, bits });
    return Math.min(wanted, finestScale({ greatest, bits: Math.max(bits, WIDEST_FACTOR_BITS) }));
}

function finestScale({ greatest, bits }: { greatest: number; bits: number }): number {
    const limit = 2 ** (bits - 1) - 1;
    let scaleLog2 = Math.min(GREATEST_SCALE_LOG2, Math.floor(Math.log2(limit / greatest)) + 1);
    while (Math.round(greatest * 2 ** scaleLog2) > limit) scaleLog2 -= 1;
    return scaleLog2;
}

/** The coarsest scale, not finer than `scaleLog2`, at which weights and biases lose nothing more than at `scaleLog2`. */
export function coarsestEqualScale({
    kernels,
    bias,
    inputScaleLog2,
    scaleLog2,
}: {
    kernels: readonly Kernel[];
    bias: readonly number[];
    inputScaleLog2: number;
    scaleLog2: number;
}): number {
    const factors = kernels.flatMap(weightsOf);
    const isExact = (scale: number) =>
        factors.every((weight) => Number.isInteger(weight * 2 ** scale)) &&
        bias.every((value) => Number.isInteger(value * 2 ** (scale + inputScaleLog2)));
    if (factors.every((weight) => weight === 0)) return scaleLog2;
    let scale = scaleLog2;
    while (isExact(scale) && isExact(scale - 1)) scale -= 1;
    return scale;
}

/** A kernel with every weight rounded to a multiple of 2^-scaleLog2 and counted in such multiples. */
export function quantiseKernel({ kernel, scaleLog2 }: { kernel: Kernel; scaleLog2: number }): Kernel {
    // + 0 turns a rounded -0 into 0
    const quantise = (values: number[]) => values.map((value) => Math.round(value * 2 ** scaleLog2) + 0);
    switch (kernel.kind) {
        case "scale":
            return { ...kernel, factors: quantise(kernel.factors) };
        case "select":
            return scaleLog2 === 0 ? kernel : scaledSelection({ kernel, factor: 2 ** scaleLog2 });
        default:
            return { ...kernel, weights: quantise(kernel.weights) };
    }
}

function scaledSelection({ kernel, factor }: { kernel: SelectKernel; factor: number }): Kernel {
    const { start, index, weight } = rowsOf(kernel);
    const weights = Array.from(weight, (value) => value * factor);
    return { kind: "sparse", from: kernel.from, start: [...start], index: [...index], weights };
}

/** For every output the sum of its weights: what one step of the input's zero point adds. */
export function rowSums(kernel: Kernel): bigint[] {
    const { start, weight } = rowsOf(kernel);
    return Array.from({ length: start.length - 1 }, (_, output) =>
        weight.subarray(start[output], start[output + 1]).reduce((sum, value) => sum + BigInt(value), 0n),
    );
}

/** The most terms that one output of a kernel sums. */
export function termsPerRow(kernel: Kernel): number {
    switch (kernel.kind) {
        case "dense":
            return kernel.columns;
        case "conv":
            return (kernel.channels / kernel.groups) * countOf(kernel.kernel);
        case "scale":
        case "select":
            return 1;
        case "sparse":
            return kernel.start.reduce(
                (most, first, row) => Math.max(most, (kernel.start[row + 1] ?? first) - first),
                0,
            );
    }
}

function weightsOf(kernel: Kernel): number[] {
    if (kernel.kind === "select") return [1];
    return kernel.kind === "scale" ? kernel.factors : kernel.weights;
}
