import { convWindows } from "./conv.ts";
import {
    type ConvKernel,
    countOf,
    type DenseKernel,
    type Kernel,
    type ScaleKernel,
    type SelectKernel,
    type SparseKernel,
} from "./types.ts";

/** A linear map row by row: the terms of output o are start[o] .. start[o + 1] - 1. Zero weights are left out. */
export type Rows = { start: Int32Array; index: Int32Array; weight: Float64Array };

/** Writes a kernel out as rows: what intervals, interpreter and circuit all read, so that they cannot differ. */
export function rowsOf(kernel: Kernel): Rows {
    switch (kernel.kind) {
        case "dense":
            return denseRows(kernel);
        case "conv":
            return convRows(kernel);
        case "scale":
            return scaleRows(kernel);
        case "select":
            return selectRows(kernel);
        case "sparse":
            return sparseRows(kernel);
    }
}

function scaleRows({ factors }: ScaleKernel): Rows {
    const builder = createBuilder({ outputs: factors.length, terms: factors.length });
    for (const [position, factor] of factors.entries()) {
        builder.term(position, factor);
        builder.endRow();
    }
    return builder.finish();
}

function selectRows({ indices }: SelectKernel): Rows {
    const builder = createBuilder({ outputs: indices.length, terms: indices.length });
    for (const index of indices) {
        if (index >= 0) builder.term(index, 1);
        builder.endRow();
    }
    return builder.finish();
}

function sparseRows({ start, index, weights }: SparseKernel): Rows {
    const builder = createBuilder({ outputs: start.length - 1, terms: weights.length });
    for (let output = 0; output + 1 < start.length; output++) {
        for (let term = start[output] ?? 0; term < (start[output + 1] ?? 0); term++) {
            builder.term(index[term] ?? 0, weights[term] ?? 0);
        }
        builder.endRow();
    }
    return builder.finish();
}

function denseRows({ positions, rows, columns, weights }: DenseKernel): Rows {
    const builder = createBuilder({ outputs: positions * rows, terms: positions * weights.length });
    for (let position = 0; position < positions; position++) {
        for (let row = 0; row < rows; row++) {
            for (let column = 0; column < columns; column++) {
                builder.term(position * columns + column, weights[row * columns + column] ?? 0);
            }
            builder.endRow();
        }
    }
    return builder.finish();
}

function convRows(kernel: ConvKernel): Rows {
    const windows = convWindows(kernel);
    const taps = countOf(kernel.kernel);
    const positions = windows.length / taps;
    const plane = countOf(kernel.spatial);
    const channelsPerGroup = kernel.channels / kernel.groups;
    const filtersPerGroup = kernel.filters / kernel.groups;
    const outputs = kernel.filters * positions;
    const builder = createBuilder({ outputs, terms: outputs * channelsPerGroup * taps });
    for (let filter = 0; filter < kernel.filters; filter++) {
        const firstChannel = Math.floor(filter / filtersPerGroup) * channelsPerGroup;
        for (let position = 0; position < positions; position++) {
            for (let channel = 0; channel < channelsPerGroup; channel++) {
                for (let tap = 0; tap < taps; tap++) {
                    const offset = windows[position * taps + tap] ?? -1;
                    if (offset < 0) continue;
                    const weight = kernel.weights[(filter * channelsPerGroup + channel) * taps + tap] ?? 0;
                    builder.term((firstChannel + channel) * plane + offset, weight);
                }
            }
            builder.endRow();
        }
    }
    return builder.finish();
}

function createBuilder({ outputs, terms }: { outputs: number; terms: number }) {
    const start = new Int32Array(outputs + 1);
    const index = new Int32Array(terms);
    const weight = new Float64Array(terms);
    let row = 0;
    let used = 0;
    return {
        term(input: number, value: number): void {
            if (value === 0) return;
            index[used] = input;
            weight[used] = value;
            used += 1;
        },
        endRow(): void {
            row += 1;
            start[row] = used;
        },
        finish: (): Rows => ({ start, index: index.subarray(0, used), weight: weight.subarray(0, used) }),
    };
}
