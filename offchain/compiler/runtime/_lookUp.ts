import { at } from "../integer/at.ts";
import { greatestOf, magnitude } from "../integer/bigMath.ts";
import { hull } from "../integer/interval.ts";
import { countOf, found, type OneHotNode, shapeOf, type TableNode } from "../integer/types.ts";
import { DTYPE } from "../onnx/dtypes.ts";
import { exactType } from "../onnx/exactKernels.ts";
import { combine } from "./_combine.ts";
import { type NodeWriting, noExactKernel } from "./_nodeWriting.ts";
import type { Value } from "./_writer.ts";

/** Rows of the table gathered by argument - min, which is an int64. */
export function writeTable(writing: NodeWriting<TableNode>): Value {
    const { analysis, writer, node } = writing;
    const { columns } = node;
    const entries = columns.flatMap((column) => column.map(magnitude));
    const kernel = exactType({ bound: greatestOf(entries) });
    if (kernel === undefined) throw noExactKernel(node.output);
    const length = at(columns, 0).length;
    const rows = Array.from({ length }, (_, index) => columns.map((column) => at(column, index))).flat();
    const dtype = kernel.dtype;
    const table = writer.constant({ dtype, shape: [length, columns.length], values: rows });
    const index = placeOf({ ...writing, min: node.min });
    const gathered = { name: writer.fresh(`${node.output}/rows`), dtype, shape: [...index.shape, columns.length] };
    writer.node({ op: "Gather", inputs: [table, index.name], output: gathered });
    return writer.reshape({ value: gathered, shape: shapeOf({ graph: analysis.graph, tensor: node.output }) });
}

/** Each place compared with argument - min. */
export function writeOneHot(writing: NodeWriting<OneHotNode>): Value {
    const { analysis, writer, node } = writing;
    const index = placeOf({ ...writing, min: node.min });
    const column = writer.reshape({ value: index, shape: [...index.shape, 1] });
    const values = Array.from({ length: node.depth }, (_, place) => place);
    const places = writer.constant({ dtype: DTYPE.INT64, shape: [node.depth], values });
    const shape = [...index.shape, node.depth];
    const isPlace = { name: writer.fresh(`${node.output}/isPlace`), dtype: DTYPE.BOOL, shape };
    writer.node({ op: "Equal", inputs: [column.name, places], output: isPlace });
    const bits = writer.cast({ value: isPlace, dtype: DTYPE.FLOAT });
    return writer.reshape({ value: bits, shape: shapeOf({ graph: analysis.graph, tensor: node.output }) });
}

type Placing = NodeWriting<TableNode | OneHotNode> & { min: bigint };

/** The flat tensor less min, as int64. */
function placeOf({ analysis, writer, values, node, min }: Placing): Value {
    const name = at(node.inputs, 0);
    const { lo, hi } = hull(found({ map: analysis.intervals, name }));
    const bound = greatestOf([lo, hi, min, hi - min].map(magnitude));
    if (exactType({ bound }) === undefined) throw noExactKernel(name);
    const value = writer.cast({ value: found({ map: values, name }), dtype: DTYPE.INT64 });
    const flat = writer.reshape({ value, shape: [countOf(value.shape)] });
    const base = writer.constant({ dtype: DTYPE.INT64, shape: [], values: [min] });
    const inputs: [Value, Value] = [flat, { name: base, dtype: DTYPE.INT64, shape: [] }];
    return combine({ writer, op: "Sub", inputs, dtype: DTYPE.INT64, shape: flat.shape, name: `${node.output}/place` });
}
