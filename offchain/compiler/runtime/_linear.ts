import { at } from "../integer/at.ts";
import { convOutputSpatial, convWindows } from "../integer/conv.ts";
import { rowsOf } from "../integer/rows.ts";
import {
    type ConvKernel,
    countOf,
    type DenseKernel,
    found,
    type Kernel,
    type LinearNode,
    type SparseKernel,
    shapeOf,
} from "../integer/types.ts";
import { DTYPE } from "../onnx/dtypes.ts";
import { convKernel, denseKernel } from "../onnx/exactKernels.ts";
import type { OnnxAttribute } from "../onnx/model.ts";
import { type NodeWriting, noExactKernel } from "./_nodeWriting.ts";
import type { Value, Writer } from "./_writer.ts";

/** The sum of the kernels' results and the bias, all in the cheapest type that holds every partial sum. */
export function writeLinear({ analysis, writer, values, node }: NodeWriting<LinearNode>): Value {
    const bound = found({ map: analysis.reach, name: node.output });
    const kernel = denseKernel({ bound });
    if (kernel === undefined) throw noExactKernel(node.output);
    const shape = shapeOf({ graph: analysis.graph, tensor: node.output });
    const parts = node.kernels.map((map, index) => {
        const given = found({ map: values, name: at(node.inputs, index) });
        const value = writer.cast({ value: given, dtype: kernel.dtype });
        const product = writeKernel({ writer, value, map, bound, name: `${node.output}/product` });
        return product.shape.join() === shape.join() ? product : writer.reshape({ value: product, shape });
    });
    const bias = writer.constant({ dtype: kernel.dtype, shape, values: node.bias });
    let sum = at(parts, 0);
    for (const operand of [...parts.slice(1).map(({ name }) => name), bias]) {
        const output = { ...sum, name: writer.fresh(node.output) };
        sum = writer.node({ op: "Add", inputs: [sum.name, operand], output });
    }
    return sum;
}

type KernelWriting<K> = { writer: Writer; value: Value; map: K; bound: bigint; name: string };

function writeKernel(writing: KernelWriting<Kernel>): Value {
    const { writer, value, map, bound, name } = writing;
    switch (map.kind) {
        case "dense":
            return writeDense({ ...writing, map });
        case "conv":
            return convKernel({ bound })?.form === "Conv"
                ? writeConv({ ...writing, map })
                : writeGatheredConv({ ...writing, map });
        case "scale": {
            const factors = writer.constant({ dtype: value.dtype, shape: value.shape, values: map.factors });
            const output = { ...value, name: writer.fresh(name) };
            return writer.node({ op: "Mul", inputs: [value.name, factors], output });
        }
        case "select":
            return gather({ writer, value, indices: map.indices, shape: [map.indices.length], name });
        case "sparse":
            return writeSparse({ ...writing, map });
    }
}

function writeDense({ writer, value, map, name }: KernelWriting<DenseKernel>): Value {
    const { positions, rows, columns, weights } = map;
    const isMatrix = value.shape.at(-1) === columns && countOf(value.shape) === positions * columns;
    const input = isMatrix ? value : writer.reshape({ value, shape: [positions, columns] });
    const transposed = Array.from({ length: columns * rows }, (_, index) =>
        at(weights, (index % rows) * columns + Math.floor(index / rows)),
    );
    const matrix = writer.constant({ dtype: value.dtype, shape: [columns, rows], values: transposed });
    const output = { ...input, name: writer.fresh(name), shape: [...input.shape.slice(0, -1), rows] };
    return writer.node({ op: "MatMul", inputs: [input.name, matrix], output });
}

function writeConv({ writer, value, map, name }: KernelWriting<ConvKernel>): Value {
    const { channels, filters, groups, kernel, spatial } = map;
    const imageShape = [1, channels, ...spatial];
    const image = value.shape.join() === imageShape.join() ? value : writer.reshape({ value, shape: imageShape });
    const weightShape = [filters, channels / groups, ...kernel];
    const weights = writer.constant({ dtype: value.dtype, shape: weightShape, values: map.weights });
    const ints = (values: readonly number[]): OnnxAttribute => ({ type: "ints", value: values.map(BigInt) });
    const attributes: [string, OnnxAttribute][] = [
        ["dilations", ints(map.dilations)],
        ["group", { type: "int", value: BigInt(groups) }],
        ["kernel_shape", ints(kernel)],
        ["pads", ints([...map.padsBegin, ...map.padsEnd])],
        ["strides", ints(map.strides)],
    ];
    const output = { ...value, name: writer.fresh(name), shape: [1, filters, ...convOutputSpatial(map)] };
    return writer.node({ op: "Conv", inputs: [image.name, weights], output, attributes });
}

/** Every output sums as many gathered elements as the longest row has, by one product with a column of ones. */
function writeSparse({ writer, value, map, name }: KernelWriting<SparseKernel>): Value {
    const { start, index, weight } = rowsOf(map);
    const rows = start.length - 1;
    const width = longestRow(start);
    const cell = (position: number): number => {
        const [row, column] = [Math.floor(position / width), position % width];
        const term = at(start, row) + column;
        return term < at(start, row + 1) ? term : -1;
    };
    const terms = Array.from({ length: rows * width }, (_, position) => cell(position));
    const indices = terms.map((term) => (term < 0 ? -1 : at(index, term)));
    const factors = terms.map((term) => (term < 0 ? 0 : at(weight, term)));
    const shape = [rows, width];
    const gathered = gather({ writer, value, indices, shape, name });
    const weights = writer.constant({ dtype: value.dtype, shape, values: factors });
    const named = (op: string, size: number[]) => ({
        name: writer.fresh(`${name}/${op}`),
        dtype: value.dtype,
        shape: size,
    });
    const weighted = writer.node({ op: "Mul", inputs: [gathered.name, weights], output: named("Mul", shape) });
    const ones = writer.constant({ dtype: value.dtype, shape: [width, 1], values: new Array<number>(width).fill(1) });
    return writer.node({ op: "MatMul", inputs: [weighted.name, ones], output: named("MatMul", [rows, 1]) });
}

function longestRow(start: Int32Array): number {
    return start.reduce((most, first, row) => Math.max(most, (start[row + 1] ?? first) - first), 1);
}

type Gathering = { writer: Writer; value: Value; indices: readonly number[]; shape: readonly number[]; name: string };

/** Elements of a flattened tensor by position; -1 reads a zero that is put at its end. */
function gather({ writer, value, indices, shape, name }: Gathering): Value {
    const count = countOf(value.shape);
    const flat = writer.reshape({ value, shape: [count] });
    const output = (op: string, size: readonly number[]) => ({
        name: writer.fresh(`${name}/${op}`),
        dtype: value.dtype,
        shape: size,
    });
    const positions = indices.map((position) => (position < 0 ? count : position));
    const index = writer.constant({ dtype: DTYPE.INT64, shape, values: positions });
    if (!indices.includes(-1)) {
        return writer.node({ op: "Gather", inputs: [flat.name, index], output: output("Gather", shape) });
    }
    const zero = writer.constant({ dtype: value.dtype, shape: [1], values: [0] });
    const padded = writer.node({
        op: "Concat",
        inputs: [flat.name, zero],
        output: output("Concat", [count + 1]),
        attributes: [["axis", { type: "int", value: 0n }]],
    });
    return writer.node({ op: "Gather", inputs: [padded.name, index], output: output("Gather", shape) });
}

/** Convolution as one matrix product for each group: windows are gathered, padding reads a zero put at the end. */
function writeGatheredConv({ writer, value, map, name }: KernelWriting<ConvKernel>): Value {
    const { channels, filters, groups, kernel, spatial, weights } = map;
    const [taps, plane] = [countOf(kernel), countOf(spatial)];
    const [channelsPerGroup, filtersPerGroup] = [channels / groups, filters / groups];
    const columns = channelsPerGroup * taps;
    const windows = convWindows(map);
    const positions = windows.length / taps;

    const indices: number[] = [];
    for (let group = 0; group < groups; group++) {
        for (let position = 0; position < positions; position++) {
            for (let column = 0; column < columns; column++) {
                const offset = at(windows, position * taps + (column % taps));
                const channel = group * channelsPerGroup + Math.floor(column / taps);
                indices.push(offset < 0 ? -1 : channel * plane + offset);
            }
        }
    }
    const matrices: number[] = [];
    for (let group = 0; group < groups; group++) {
        for (let column = 0; column < columns; column++) {
            for (let filter = 0; filter < filtersPerGroup; filter++) {
                matrices.push(at(weights, (group * filtersPerGroup + filter) * columns + column));
            }
        }
    }

    const gathered = gather({ writer, value, indices, shape: [groups, positions, columns], name });
    const step = (op: string, inputs: string[], shape: number[], attributes: [string, OnnxAttribute][] = []) =>
        writer.node({
            op,
            inputs,
            attributes,
            output: { name: writer.fresh(`${name}/${op}`), dtype: value.dtype, shape },
        });
    const matrixShape = [groups, columns, filtersPerGroup];
    const matrix = writer.constant({ dtype: value.dtype, shape: matrixShape, values: matrices });
    const product = step("MatMul", [gathered.name, matrix], [groups, positions, filtersPerGroup]);
    const order: OnnxAttribute = { type: "ints", value: [0n, 2n, 1n] };
    return step("Transpose", [product.name], [groups, filtersPerGroup, positions], [["perm", order]]);
}
