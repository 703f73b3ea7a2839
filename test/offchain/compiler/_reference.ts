/** What the operators mean, on whole numbers without bounds: the truth that kernels are compared with. */

/** [rows, inner] · [inner, columns] + bias[columns]. */
export function matMulOf(options: {
    x: bigint[];
    w: bigint[];
    bias?: bigint[];
    rows: number;
    inner: number;
    columns: number;
}): bigint[] {
    const { x, w, bias = [], rows, inner, columns } = options;
    return Array.from({ length: rows * columns }, (_, at) => {
        const row = Math.floor(at / columns);
        const column = at % columns;
        let sum = bias[column] ?? 0n;
        for (let k = 0; k < inner; k++) sum += (x[row * inner + k] ?? 0n) * (w[k * columns + column] ?? 0n);
        return sum;
    });
}

/** The geometry of a square convolution on one sample. */
export type ConvCase = {
    channels: number;
    size: number;
    filters: number;
    kernel: number;
    groups: number;
    pad: number;
    stride: number;
    dilation: number;
};

/** Side of the output of a square convolution. */
export function convSideOf({ size, kernel, pad, stride, dilation }: ConvCase): number {
    return Math.floor((size + 2 * pad - dilation * (kernel - 1) - 1) / stride) + 1;
}

/**
 * For each output position and each tap of a filter (channel of the group, kernel row, kernel column) the index of the
 * element of x that is read, or undefined over padding. [filter group][position][tap].
 */
export function convTapsOf(shape: ConvCase): (number | undefined)[][][] {
    const { channels, size, kernel, groups, pad, stride, dilation } = shape;
    const side = convSideOf(shape);
    const perGroup = channels / groups;
    return Array.from({ length: groups }, (_, group) =>
        Array.from({ length: side * side }, (_, position) =>
            Array.from({ length: perGroup * kernel * kernel }, (_, tap) => {
                const channel = group * perGroup + Math.floor(tap / (kernel * kernel));
                const dy = Math.floor(tap / kernel) % kernel;
                const row = Math.floor(position / side) * stride - pad + dy * dilation;
                const column = (position % side) * stride - pad + (tap % kernel) * dilation;
                const inside = row >= 0 && column >= 0 && row < size && column < size;
                return inside ? (channel * size + row) * size + column : undefined;
            }),
        ),
    );
}

/** ONNX Conv with weights [filters, channels / groups, kernel, kernel]. */
export function convOf({ shape, x, w, bias }: { shape: ConvCase; x: bigint[]; w: bigint[]; bias: bigint[] }): bigint[] {
    const taps = convTapsOf(shape);
    return Array.from({ length: shape.filters }, (_, filter) => {
        const group = Math.floor((filter * shape.groups) / shape.filters);
        return (taps[group] ?? []).map((window) =>
            window.reduce<bigint>(
                (sum, at, tap) =>
                    sum + (at === undefined ? 0n : (x[at] ?? 0n)) * (w[filter * window.length + tap] ?? 0n),
                bias[filter] ?? 0n,
            ),
        );
    }).flat();
}

/** floor(value / divisor), divisor > 0. */
export function floorDiv({ value, divisor }: { value: bigint; divisor: bigint }): bigint {
    const quotient = value / divisor;
    return value % divisor < 0n ? quotient - 1n : quotient;
}
