import { at } from "../integer/at.ts";
import { greatestMagnitude } from "../integer/interval.ts";
import { found, type SquareRootNode } from "../integer/types.ts";
import { DTYPE } from "../onnx/dtypes.ts";
import { combine } from "./_combine.ts";
import { type NodeWriting, noExactKernel } from "./_nodeWriting.ts";
import type { Value } from "./_writer.ts";

/** Beyond this the square of a root that is one too large would leave int64. */
const WIDEST_SQUARE = 2n ** 62n;

/**
 * The float64 root, rounded down, is the root or one beside it; squares in int64 tell which, so nothing rests on how
 * a kernel rounds.
 */
export function writeSquareRoot({ analysis, writer, values, node }: NodeWriting<SquareRootNode>): Value {
    const name = at(node.inputs, 0);
    if (greatestMagnitude(found({ map: analysis.intervals, name })) > WIDEST_SQUARE) throw noExactKernel(name);
    const value = writer.cast({ value: found({ map: values, name }), dtype: DTYPE.INT64 });
    const unary = (op: string, input: Value) =>
        writer.node({
            op,
            inputs: [input.name],
            output: { ...input, name: writer.fresh(`${node.output}/${op}`) },
        });
    const real = unary("Floor", unary("Sqrt", writer.cast({ value, dtype: DTYPE.DOUBLE })));
    const near = writer.cast({ value: real, dtype: DTYPE.INT64 });
    const step = { writer, dtype: DTYPE.INT64, shape: near.shape };
    const square = (input: Value, label: string) =>
        combine({ ...step, op: "Mul", inputs: [input, input], name: `${node.output}/${label}` });
    const one = {
        name: writer.constant({ dtype: DTYPE.INT64, shape: [], values: [1n] }),
        dtype: DTYPE.INT64,
        shape: [],
    };
    const next = combine({ ...step, op: "Add", inputs: [near, one], name: `${node.output}/next` });
    const flag = (left: Value, right: Value, label: string) => {
        const output = { name: writer.fresh(`${node.output}/${label}`), dtype: DTYPE.BOOL, shape: near.shape };
        const bool = writer.node({ op: "Less", inputs: [left.name, right.name], output });
        return writer.cast({ value: bool, dtype: DTYPE.INT64 });
    };
    const isOver = flag(value, square(near, "square"), "isOver");
    const isBelowNext = flag(value, square(next, "nextSquare"), "isBelowNext");
    const down = combine({ ...step, op: "Sub", inputs: [next, isOver], name: `${node.output}/down` });
    return combine({ ...step, op: "Sub", inputs: [down, isBelowNext], name: node.output });
}
