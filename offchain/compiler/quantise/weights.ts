import { rowsOf } from "../integer/rows.ts";
import { countOf, type Kernel, type SelectKernel } from "../integer/types.ts";

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
