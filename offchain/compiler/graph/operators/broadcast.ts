import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";

/** The shape that two shapes broadcast to by NumPy's rules, or undefined when they do not fit. */
export function broadcastShape({ left, right }: { left: readonly number[]; right: readonly number[] }) {
    const rank = Math.max(left.length, right.length);
    const sizeAt = (shape: readonly number[], axis: number) => shape[axis - (rank - shape.length)] ?? 1;
    const shape: number[] = [];
    for (let axis = 0; axis < rank; axis++) {
        const [first, second] = [sizeAt(left, axis), sizeAt(right, axis)];
        if (first !== second && first !== 1 && second !== 1) return undefined;
        shape.push(first === 1 ? second : first);
    }
    return shape;
}

type Source = { shape: readonly number[]; values: ArrayLike<number> };

/** The elements of a constant repeated to a shape it broadcasts to. */
export function broadcastValues({ source, shape }: { source: Source; shape: readonly number[] }): number[] {
    const offset = shape.length - source.shape.length;
    return Array.from({ length: countOf(shape) }, (_, position) => {
        let rest = position;
        let index = 0;
        let stride = 1;
        for (let axis = shape.length - 1; axis >= offset; axis--) {
            const coordinate = rest % at(shape, axis);
            const size = at(source.shape, axis - offset);
            rest = Math.floor(rest / at(shape, axis));
            if (size !== 1) index += coordinate * stride;
            stride *= size;
        }
        return at(source.values, index);
    });
}
