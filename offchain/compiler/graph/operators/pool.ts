import { at } from "../../integer/at.ts";
import { convWindows } from "../../integer/conv.ts";
import { countOf, type Kernel } from "../../integer/types.ts";
import { requireSize } from "../limits.ts";
import { tensorOf, unsupportedForm } from "./_call.ts";
import { flagOf } from "./_dims.ts";
import type { Operator, OperatorCall } from "./operator.ts";
import { reduceAxes } from "./reduce.ts";
import { createRows, emitRows } from "./sources.ts";
import { kernelShapeOf, reachOf, spatialOf, type Window, windowOf } from "./windows.ts";

/** Mean of a window that moves over each channel. */
export const averagePoolOperator: Operator = {
    supported: "AveragePool on a batch of 1",
    attributes: ["auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides"],
    translate: (call) => {
        const input = tensorOf({ call, index: 0 });
        const { channels, spatial } = spatialOf({ call, shape: input.shape });
        const window = windowOf({ call, spatial, kernel: kernelShapeOf({ call, axes: spatial.length }) });
        const outputSpatial = pooledSpatial({ call, spatial, window });
        const shape = [1, channels, ...outputSpatial];
        const taps = countOf(window.kernel);
        requireSize({ what: call.where, elements: countOf(shape), products: countOf(shape) * taps });
        const covering = overhung({ spatial, window, outputSpatial });
        const geometry = { channels, filters: channels, groups: channels, spatial, ...covering };
        const offsets = convWindows(geometry);
        const countsPads = flagOf({ call, name: "count_include_pad", fallback: false });
        const sizes = countsPads ? paddedSizes({ spatial, window, outputSpatial }) : undefined;
        const isUniform = (sizes ?? offsets).every((entry) => (sizes === undefined ? entry >= 0 : entry === taps));
        if (isUniform) {
            const weights = new Array<number>(channels * taps).fill(1 / taps);
            const bias = new Array<number>(countOf(shape)).fill(0);
            const kernels: Kernel[] = [{ kind: "conv", ...geometry, weights }];
            return call.emit({ draft: { op: "affine", inputs: [input.name], kernels, bias }, shape });
        }
        const { rows, add, end } = createRows();
        for (let element = 0; element < countOf(shape); element++) {
            const position = element % countOf(outputSpatial);
            const read = [...offsets.subarray(position * taps, (position + 1) * taps)].filter((offset) => offset >= 0);
            const plane = Math.floor(element / countOf(outputSpatial)) * countOf(spatial);
            for (const offset of read) add(plane + offset, 1 / (sizes?.[position] ?? read.length));
            end();
        }
        return emitRows({ call, operand: input, rows, shape });
    },
};

/** Mean over all spatial axes. */
export const globalAveragePoolOperator: Operator = {
    supported: "GlobalAveragePool",
    attributes: [],
    translate: (call) => {
        const input = tensorOf({ call, index: 0 });
        const axes = input.shape.map((_, axis) => axis).slice(2);
        return reduceAxes({ call, operand: input, axes, keepsAxes: true, isMean: true });
    },
};

type Pooling = { spatial: number[]; window: Window };

/** Sizes of the output; with ceil_mode a last window may hang over the end, if it starts before it. */
export function pooledSpatial({ call, spatial, window }: Pooling & { call: OperatorCall }): number[] {
    const isCeiling = flagOf({ call, name: "ceil_mode", fallback: false });
    return spatial.map((size, axis) => {
        const [stride, before] = [at(window.strides, axis), at(window.padsBegin, axis)];
        const steps = (size + before + at(window.padsEnd, axis) - reachOf(window, axis)) / stride;
        const count = (isCeiling ? Math.ceil(steps) : Math.floor(steps)) + 1;
        if (count < 1) throw unsupportedForm({ call, why: "the kernel is wider than its input" });
        return isCeiling && count > 1 && (count - 1) * stride >= size + before ? count - 1 : count;
    });
}

/** The window with as much padding at the end as the output needs. */
export function overhung({ spatial, window, outputSpatial }: Pooling & { outputSpatial: number[] }): Pooling["window"] {
    const padsEnd = spatial.map((size, axis) => {
        const last = (at(outputSpatial, axis) - 1) * at(window.strides, axis) + reachOf(window, axis);
        return Math.max(0, last - size - at(window.padsBegin, axis));
    });
    return { ...window, padsEnd };
}

/** By output position: how many elements and pads lie under the window; what hangs over the pads does not count. */
function paddedSizes({ spatial, window, outputSpatial }: Pooling & { outputSpatial: number[] }): number[] {
    return outputSpatial.reduce<number[]>(
        (counts, size, axis) =>
            counts.flatMap((count) =>
                Array.from({ length: size }, (_, step) => count * under({ spatial, window, axis, step })),
            ),
        [1],
    );
}

function under({ spatial, window, axis, step }: Pooling & { axis: number; step: number }): number {
    const end = at(spatial, axis) + at(window.padsBegin, axis) + at(window.padsEnd, axis);
    const first = step * at(window.strides, axis);
    const taps = Array.from({ length: at(window.kernel, axis) }, (_, tap) => first + tap * at(window.dilations, axis));
    return taps.filter((position) => position < end).length;
}
