import { at } from "../integer/at.ts";
import { greatestMagnitude } from "../integer/interval.ts";
import { type ArgMaxNode, countOf, found, shapeOf } from "../integer/types.ts";
import { DTYPE } from "../onnx/dtypes.ts";
import { exactType } from "../onnx/exactKernels.ts";
import type { OnnxAttribute } from "../onnx/model.ts";
import { type NodeWriting, noExactKernel } from "./_nodeWriting.ts";
import type { Value } from "./_writer.ts";

/** ArgMax of the first greatest element; its result is int64. */
export function writeArgMax({ analysis, writer, values, node }: NodeWriting<ArgMaxNode>): Value {
    const name = at(node.inputs, 0);
    const given = found({ map: values, name });
    const kernel = exactType({ bound: greatestMagnitude(found({ map: analysis.intervals, name })) });
    if (kernel === undefined) throw noExactKernel(name);
    const value = writer.cast({ value: given, dtype: kernel.dtype });
    const shape = shapeOf({ graph: analysis.graph, tensor: node.output });
    const axis = given.shape.findIndex((_, index) => isAxis({ node, shape: given.shape, axis: index }));
    const attributes: [string, OnnxAttribute][] = [
        ["axis", { type: "int", value: BigInt(axis) }],
        ["keepdims", { type: "int", value: shape.length === given.shape.length ? 1n : 0n }],
        ["select_last_index", { type: "int", value: 0n }],
    ];
    const output = { name: writer.fresh(node.output), dtype: DTYPE.INT64, shape };
    return writer.node({ op: "ArgMax", inputs: [value.name], output, attributes });
}

function isAxis({ node, shape, axis }: { node: ArgMaxNode; shape: readonly number[]; axis: number }): boolean {
    const [before, after] = [countOf(shape.slice(0, axis)), countOf(shape.slice(axis + 1))];
    return before === node.outer && shape[axis] === node.length && after === node.inner;
}
