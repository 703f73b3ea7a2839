import type { Dtype } from "../onnx/dtypes.ts";
import type { Value, Writer } from "./_writer.ts";

type Combination = {
    writer: Writer;
    op: string;
    inputs: [Value, Value];
    dtype: Dtype;
    shape: readonly number[];
    name: string;
};

/** One operator on two values; the result has the type and shape that are given. */
export function combine({ writer, op, inputs, dtype, shape, name }: Combination): Value {
    const output = { name: writer.fresh(name), dtype, shape };
    return writer.node({ op, inputs: inputs.map((input) => input.name), output });
}

/** A value under a shape of as many elements. */
export function shaped({ writer, value, shape }: { writer: Writer; value: Value; shape: readonly number[] }): Value {
    return value.shape.join() === shape.join() ? value : writer.reshape({ value, shape });
}
