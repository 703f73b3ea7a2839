import { at } from "../integer/at.ts";
import { greatestMagnitude } from "../integer/interval.ts";
import { groupsOf } from "../integer/ops/maximum.ts";
import { countOf, found, type MaximumNode, shapeOf } from "../integer/types.ts";
import { DTYPE } from "../onnx/dtypes.ts";
import { exactType } from "../onnx/exactKernels.ts";
import type { OnnxAttribute } from "../onnx/model.ts";
import { type NodeWriting, noExactKernel } from "./_nodeWriting.ts";
import type { Value } from "./_writer.ts";

/** Each group gathered into a row, and the greatest of each row. */
export function writeMaximum({ analysis, writer, values, node }: NodeWriting<MaximumNode>): Value {
    const name = at(node.inputs, 0);
    const kernel = exactType({ bound: greatestMagnitude(found({ map: analysis.intervals, name })) });
    if (kernel === undefined) throw noExactKernel(name);
    const value = writer.cast({ value: found({ map: values, name }), dtype: kernel.dtype });
    const flat = writer.reshape({ value, shape: [countOf(value.shape)] });
    const rows = groupsOf(node).length;
    const index = writer.constant({ dtype: DTYPE.INT64, shape: [rows, node.size], values: node.indices });
    const gathered = { ...flat, name: writer.fresh(`${node.output}/rivals`), shape: [rows, node.size] };
    writer.node({ op: "Gather", inputs: [flat.name, index], output: gathered });
    const attributes: [string, OnnxAttribute][] = [
        ["axes", { type: "ints", value: [1n] }],
        ["keepdims", { type: "int", value: 0n }],
    ];
    const greatest = { ...flat, name: writer.fresh(`${node.output}/greatest`), shape: [rows] };
    writer.node({ op: "ReduceMax", inputs: [gathered.name], output: greatest, attributes });
    return writer.reshape({ value: greatest, shape: shapeOf({ graph: analysis.graph, tensor: node.output }) });
}
