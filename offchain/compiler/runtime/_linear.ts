import { at } from "../integer/at.ts";
import { convOutputSpatial, convWindows } from "../integer/conv.ts";
import {
    type ConvKernel,
    countOf,
    type DenseKernel,
    found,
    type Kernel,
    type LinearNode,
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
    const { channels, filters, groups, kernel } = map;
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
    return writer.node({ op: "Conv", inputs: [value.name, weights], output, attributes });
}

/** Convolution as one matrix product for each group: windows are gathered, padding reads a zero put at the end. */
function writeGatheredConv({ writer, value, map, name }: KernelWriting<ConvKernel>): Value {
    const { channels, filters, groups, kernel, spatial, weights } = map;
    const [taps, plane] = [countOf(kernel), countOf(spatial)];
    const [channelsPerGroup, filtersPerGroup] = [channels / groups, filters / groups];
    const columns = channelsPerGroup * taps;
    const windows = convWindows(map);
    const positions = windows.length / taps;
    const zeroAt = channels * plane;

    const indices: number[] = [];
    for (let group = 0; group < groups; group++) {
        for (let position = 0; position < positions; position++) {
            for (let column = 0; column < columns; column++) {
                const offset = at(windows, position * taps + (column % taps));
                const channel = group * channelsPerGroup + Math.floor(column / taps);
                indices.push(offset < 0 ? zeroAt : channel * plane + offset);
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

    const flat = writer.reshape({ value, shape: [channels * plane] });
    const zero = writer.constant({ dtype: value.dtype, shape: [1], values: [0] });
    const step = (op: string, inputs: string[], shape: number[], attributes: [string, OnnxAttribute][] = []) =>
        writer.node({
            op,
            inputs,
            attributes,
            output: { name: writer.fresh(`${name}/${op}`), dtype: value.dtype, shape },
        });
    const padded = step("Concat", [flat.name, zero], [zeroAt + 1], [["axis", { type: "int", value: 0n }]]);
    const index = writer.constant({ dtype: DTYPE.INT64, shape: [groups, positions, columns], values: indices });
    const gathered = step("Gather", [padded.name, index], [groups, positions, columns]);
    const matrixShape = [groups, columns, filtersPerGroup];
    const matrix = writer.constant({ dtype: value.dtype, shape: matrixShape, values: matrices });
    const product = step("MatMul", [gathered.name, matrix], [groups, positions, filtersPerGroup]);
    const order: OnnxAttribute = { type: "ints", value: [0n, 2n, 1n] };
    return step("Transpose", [product.name], [groups, filtersPerGroup, positions], [["perm", order]]);
}
