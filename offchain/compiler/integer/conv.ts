import { at } from "./at.ts";
import { type ConvKernel, countOf } from "./types.ts";

/** The geometry of a convolution; weights do not matter for it. */
export type ConvShape = Omit<ConvKernel, "kind" | "weights">;

/** Sizes of the spatial axes of the output. */
export function convOutputSpatial(shape: ConvShape): number[] {
    return shape.spatial.map((size, axis) => {
        const padded = size + at(shape.padsBegin, axis) + at(shape.padsEnd, axis);
        const reach = at(shape.dilations, axis) * (at(shape.kernel, axis) - 1) + 1;
        return Math.floor((padded - reach) / at(shape.strides, axis)) + 1;
    });
}

/**
 * For every output position and kernel position, the offset inside one channel plane that is read, or -1 where the
 * kernel lies over padding. Row-major [output position][kernel position].
 */
export function convWindows(shape: ConvShape): Int32Array {
    const outputSpatial = convOutputSpatial(shape);
    const outputCount = countOf(outputSpatial);
    const kernelCount = countOf(shape.kernel);
    const windows = new Int32Array(outputCount * kernelCount);
    for (let position = 0; position < outputCount; position++) {
        const corner = coordinates({ index: position, shape: outputSpatial });
        for (let tap = 0; tap < kernelCount; tap++) {
            const within = coordinates({ index: tap, shape: shape.kernel });
            windows[position * kernelCount + tap] = planeOffset({ shape, corner, within });
        }
    }
    return windows;
}

function planeOffset({ shape, corner, within }: { shape: ConvShape; corner: number[]; within: number[] }): number {
    let offset = 0;
    for (const [axis, size] of shape.spatial.entries()) {
        const start = at(corner, axis) * at(shape.strides, axis) - at(shape.padsBegin, axis);
        const coordinate = start + at(within, axis) * at(shape.dilations, axis);
        if (coordinate < 0 || coordinate >= size) return -1;
        offset = offset * size + coordinate;
    }
    return offset;
}

function coordinates({ index, shape }: { index: number; shape: number[] }): number[] {
    const result = new Array<number>(shape.length).fill(0);
    let rest = index;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
        const size = at(shape, axis);
        result[axis] = rest % size;
        rest = Math.floor(rest / size);
    }
    return result;
}
