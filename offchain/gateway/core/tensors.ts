import type { Port } from "@assay/executor/parts";
import { dtypeOf } from "@assay/protocol";

/** One tensor as it is run: sizes that are names count as 1. */
export type Tensor = { name: string; dtype: string; shape: readonly number[]; count: number; bytes: number };

/** One output: a shape that the model does not fix is known only from the bytes. */
export type OutputTensor = Omit<Tensor, "count" | "bytes"> & { count: number | undefined };

/** Tensors of a model's inputs, in order. Throws for an input without a shape, which no runtime loads. */
export function inputTensors(ports: readonly Port[]): Tensor[] {
    return ports.map(({ name, dtype, shape }) => {
        if (shape === undefined) throw new Error(`The input ${name} has no shape.`);
        const sizes = shape.map((size) => (typeof size === "number" ? size : 1));
        const { name: type, size } = dtypeOf(dtype);
        const count = product(sizes);
        return { name, dtype: type, shape: sizes, count, bytes: count * size };
    });
}

/** Tensors of a model's outputs, in order; undefined if more than one has no fixed size, so that bytes cannot be told apart. */
export function outputTensors(ports: readonly Port[]): OutputTensor[] | undefined {
    const tensors = ports.map(({ name, dtype, shape }) => {
        const sizes = (shape ?? [""]).map((size) => (typeof size === "number" ? size : 0));
        const count = sizes.includes(0) ? undefined : product(sizes);
        return { name, dtype: dtypeOf(dtype).name, shape: sizes, count };
    });
    return tensors.filter(({ count }) => count === undefined).length > 1 ? undefined : tensors;
}

/** How many elements a shape has. */
export function product(sizes: readonly number[]): number {
    return sizes.reduce((all, size) => all * size, 1);
}
