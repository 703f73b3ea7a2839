import { at } from "../integer/at.ts";
import { rowsOf } from "../integer/rows.ts";
import { type ConvKernel, countOf, type Kernel, type SparseKernel } from "../integer/types.ts";

type Scaling = { kernel: Kernel; factors: ArrayLike<number> };

/** The kernel on an input whose element i is factors[i] times another's, in its own kind; undefined where that has none. */
export function onScaled({ kernel, factors }: Scaling): Kernel | undefined {
    switch (kernel.kind) {
        case "scale":
            return { ...kernel, factors: kernel.factors.map((factor, index) => factor * at(factors, index)) };
        case "dense": {
            const { columns, weights } = kernel;
            if (!isPeriodic({ values: factors, period: columns })) return undefined;
            return { ...kernel, weights: weights.map((weight, index) => weight * at(factors, index % columns)) };
        }
        case "conv": {
            const plane = countOf(kernel.spatial);
            if (!isConstantPerPlane({ values: factors, plane })) return undefined;
            const weights = kernel.weights.map(
                (weight, index) => weight * at(factors, channelOf({ kernel, index }) * plane),
            );
            return { ...kernel, weights };
        }
        case "sparse":
            return {
                ...kernel,
                weights: kernel.weights.map((weight, term) => weight * at(factors, at(kernel.index, term))),
            };
        case "select":
            return undefined;
    }
}

/** The kernel with output o times factors[o], in its own kind; undefined where that has none. */
export function scaled({ kernel, factors }: Scaling): Kernel | undefined {
    switch (kernel.kind) {
        case "scale":
            return { ...kernel, factors: kernel.factors.map((factor, index) => factor * at(factors, index)) };
        case "dense": {
            const { rows, columns, weights } = kernel;
            if (!isPeriodic({ values: factors, period: rows })) return undefined;
            return {
                ...kernel,
                weights: weights.map((weight, index) => weight * at(factors, Math.floor(index / columns))),
            };
        }
        case "conv": {
            const plane = factors.length / kernel.filters;
            if (!isConstantPerPlane({ values: factors, plane })) return undefined;
            const perFilter = kernel.weights.length / kernel.filters;
            const filterOf = (index: number) => Math.floor(index / perFilter);
            return {
                ...kernel,
                weights: kernel.weights.map((weight, index) => weight * at(factors, filterOf(index) * plane)),
            };
        }
        case "sparse": {
            const weights = [...kernel.weights];
            for (let output = 0; output + 1 < kernel.start.length; output++) {
                for (let term = at(kernel.start, output); term < at(kernel.start, output + 1); term++) {
                    weights[term] = at(weights, term) * at(factors, output);
                }
            }
            return { ...kernel, weights };
        }
        case "select":
            return undefined;
    }
}

/** A kernel term by term. */
export function writtenOut({ kernel, from }: { kernel: Kernel; from: number }): SparseKernel {
    const { start, index, weight } = rowsOf(kernel);
    return { kind: "sparse", from, start: [...start], index: [...index], weights: [...weight] };
}

/** How many terms a kernel has when it is written out. */
export function termCount(kernel: Kernel): number {
    switch (kernel.kind) {
        case "dense":
            return kernel.positions * kernel.rows * kernel.columns;
        case "conv":
            return kernel.weights.length * countOf(kernel.spatial);
        case "scale":
            return kernel.factors.length;
        case "select":
            return kernel.indices.length;
        case "sparse":
            return kernel.weights.length;
    }
}

/** The kernel on what a selection leaves: it reads the selection's input instead. Kinds with a layout have no such form. */
export function onSelected({ kernel, indices, from }: { kernel: Kernel; indices: readonly number[]; from: number }) {
    switch (kernel.kind) {
        case "select":
            return { ...kernel, from, indices: kernel.indices.map((index) => (index < 0 ? -1 : at(indices, index))) };
        case "scale":
        case "sparse": {
            const given = writtenOut({ kernel, from });
            const start = [0];
            const terms: { index: number; weight: number }[] = [];
            for (let output = 0; output + 1 < given.start.length; output++) {
                for (let term = at(given.start, output); term < at(given.start, output + 1); term++) {
                    const index = at(indices, at(given.index, term));
                    if (index >= 0) terms.push({ index, weight: at(given.weights, term) });
                }
                start.push(terms.length);
            }
            const weights = terms.map(({ weight }) => weight);
            return { ...given, start, index: terms.map(({ index }) => index), weights };
        }
        case "dense":
        case "conv":
            return undefined;
    }
}

/** For every output of a kernel, its value when input element i is values[i]. */
export function applyKernel({ kernel, values }: { kernel: Kernel; values: ArrayLike<number> }): number[] {
    const { start, index, weight } = rowsOf(kernel);
    return Array.from({ length: start.length - 1 }, (_, output) => {
        let sum = 0;
        for (let term = at(start, output); term < at(start, output + 1); term++) {
            sum += at(weight, term) * at(values, at(index, term));
        }
        return sum;
    });
}

function channelOf({ kernel, index }: { kernel: ConvKernel; index: number }): number {
    const { groups, filters, channels, kernel: window } = kernel;
    const [taps, perGroup] = [countOf(window), channels / groups];
    const filter = Math.floor(index / (perGroup * taps));
    return Math.floor(filter / (filters / groups)) * perGroup + (Math.floor(index / taps) % perGroup);
}

function isPeriodic({ values, period }: { values: ArrayLike<number>; period: number }): boolean {
    for (let index = period; index < values.length; index++) {
        if (values[index] !== values[index - period]) return false;
    }
    return true;
}

function isConstantPerPlane({ values, plane }: { values: ArrayLike<number>; plane: number }): boolean {
    for (let index = 0; index < values.length; index++) {
        if (values[index] !== values[index - (index % plane)]) return false;
    }
    return true;
}
