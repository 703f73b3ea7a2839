import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import { requireSize } from "../limits.ts";
import type { OperatorCall } from "./operator.ts";

/** How far apart neighbours along each axis lie in a flat row-major tensor. */
export function stridesOf(shape: readonly number[]): number[] {
    const strides = new Array<number>(shape.length).fill(1);
    for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = at(strides, axis + 1) * at(shape, axis + 1);
    return strides;
}

/** The position of an element in a flat row-major tensor. */
export function positionOf({ coordinates, strides }: { coordinates: ArrayLike<number>; strides: readonly number[] }) {
    let position = 0;
    for (const [axis, stride] of strides.entries()) position += at(coordinates, axis) * stride;
    return position;
}

type Walk = {
    call: OperatorCall;
    /** Of what is walked over. */
    shape: readonly number[];
    /** The coordinates are reused: whoever keeps them copies them. */
    offsetOf: (coordinates: readonly number[]) => number;
};

/** A number for every element of a tensor, row-major; throws MODEL_TOO_LARGE before it allocates. */
export function forEachElement({ call, shape, offsetOf }: Walk): number[] {
    const count = countOf(shape);
    requireSize({ what: call.where, elements: count });
    const coordinates = new Array<number>(shape.length).fill(0);
    const values = new Array<number>(count);
    for (let position = 0; position < count; position++) {
        values[position] = offsetOf(coordinates);
        for (let axis = shape.length - 1; axis >= 0; axis--) {
            const next = at(coordinates, axis) + 1;
            coordinates[axis] = next === at(shape, axis) ? 0 : next;
            if (coordinates[axis] !== 0) break;
        }
    }
    return values;
}
