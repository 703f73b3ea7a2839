import { at } from "../integer/at.ts";
import { rowsOf } from "../integer/rows.ts";
import type { Kernel, SparseKernel } from "../integer/types.ts";

type Scaling = { kernel: Kernel; factors: ArrayLike<number> };

/** The kernel applied to an input whose element i is factors[i] times another's. */
export function afterScale({ kernel, factors }: Scaling): Kernel {
    switch (kernel.kind) {
        case "scale":
            return { ...kernel, factors: kernel.factors.map((factor, index) => factor * at(factors, index)) };
        case "dense": {
            const { positions, columns, weights } = kernel;
            if (!isPeriodic({ values: factors, period: columns, count: positions * columns })) break;
            return { ...kernel, weights: weights.map((weight, index) => weight * at(factors, index % columns)) };
        }
        case "conv": {
            const { groups, filters, channels, spatial, kernel: window, weights } = kernel;
            const plane = spatial.reduce((product, size) => product * size, 1);
            const taps = window.reduce((product, size) => product * size, 1);
            if (!isConstantPerPlane({ values: factors, plane, count: channels * plane })) break;
            const [perGroup, filtersPerGroup] = [channels / groups, filters / groups];
            const factorOf = (index: number) => {
                const filter = Math.floor(index / (perGroup * taps));
                const channel = Math.floor(filter / filtersPerGroup) * perGroup + (Math.floor(index / taps) % perGroup);
                return at(factors, channel * plane);
            };
            return { ...kernel, weights: weights.map((weight, index) => weight * factorOf(index)) };
        }
        case "select":
        case "sparse":
            break;
    }
    return mapTerms({ kernel, from: factors.length, weightOf: (weight, index) => weight * at(factors, index) });
}

type Terms = { kernel: Kernel; from: number; weightOf: (weight: number, index: number) => number };

function mapTerms({ kernel, from, weightOf }: Terms): SparseKernel {
    const { start, index, weight } = rowsOf(kernel);
    const weights = Array.from(weight, (value, term) => weightOf(value, at(index, term)));
    return { kind: "sparse", from, start: [...start], index: [...index], weights };
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

function isPeriodic({ values, period, count }: { values: ArrayLike<number>; period: number; count: number }): boolean {
    for (let index = period; index < count; index++) if (values[index] !== values[index - period]) return false;
    return true;
}

function isConstantPerPlane({ values, plane, count }: { values: ArrayLike<number>; plane: number; count: number }) {
    for (let index = 0; index < count; index++) {
        if (values[index] !== values[index - (index % plane)]) return false;
    }
    return true;
}
