import { at } from "../integer/at.ts";
import { floatOfKey } from "../integer/floatKey.ts";
import { greatestMagnitude } from "../integer/interval.ts";
import { isSplit, leafNumber, reachOfTrees } from "../integer/ops/trees.ts";
import { found, shapeOf, type ThermometerNode, type TreesNode } from "../integer/types.ts";
import { DTYPE } from "../onnx/dtypes.ts";
import { denseKernel, exactType } from "../onnx/exactKernels.ts";
import { type NodeWriting, noExactKernel } from "./_nodeWriting.ts";
import type { Value, Writer } from "./_writer.ts";

/** Each feature beside each of its boundaries; float32 numbers themselves where the graph has their keys. */
export function writeThermometer({ analysis, writer, values, node }: NodeWriting<ThermometerNode>): Value {
    const input = at(node.inputs, 0);
    const given = found({ map: values, name: input });
    const { count } = flat(given);
    const value =
        node.order === "float32" ? given : comparable({ analysis, writer, value: given, tensor: input, node });
    const row = writer.reshape({ value, shape: [count] });
    const places = writer.constant({ dtype: DTYPE.INT64, shape: [node.features.length], values: node.features });
    const boundaries = node.order === "float32" ? node.boundaries.map(floatOfKey) : node.boundaries;
    const shape = [boundaries.length];
    const named = (op: string, dtype: Value["dtype"]): Value => ({
        name: writer.fresh(`${node.output}/${op}`),
        dtype,
        shape,
    });
    const gathered = writer.node({ op: "Gather", inputs: [row.name, places], output: named("Gather", value.dtype) });
    const thresholds = writer.constant({ dtype: value.dtype, shape, values: boundaries });
    const inputs = [gathered.name, thresholds];
    const bits = writer.node({ op: "GreaterOrEqual", inputs, output: named("GreaterOrEqual", DTYPE.BOOL) });
    return writer.cast({ value: bits, dtype: DTYPE.INT64 });
}

function flat({ shape }: Value): { count: number } {
    return { count: shape.reduce((product, size) => product * size, 1) };
}

type Comparable = Pick<NodeWriting<ThermometerNode>, "analysis" | "writer" | "node"> & { value: Value; tensor: string };

/** The value in a type that holds it and every boundary, which is at most one beyond it. */
function comparable({ analysis, writer, value, tensor, node }: Comparable): Value {
    const bound = greatestMagnitude(found({ map: analysis.intervals, name: tensor }));
    const reach = greatestMagnitude({ lo: [-bound, ...node.boundaries], hi: [bound, ...node.boundaries] });
    const kernel = exactType({ bound: reach });
    if (kernel === undefined) throw noExactKernel(tensor);
    return writer.cast({ value, dtype: kernel.dtype });
}

/**
 * All trees walk down together, one level at a time, by looking up where their bit leads; then the leaves' weights are
 * summed. Places are twice the number of a split, and leaves lead to themselves.
 */
export function writeTrees({ analysis, writer, values, node }: NodeWriting<TreesNode>): Value {
    const input = at(node.inputs, 0);
    const bits = found({ map: analysis.intervals, name: input });
    const kernel = denseKernel({ bound: reachOfTrees({ node, bits }) });
    if (kernel === undefined) throw noExactKernel(node.output);
    const reached = walk({ writer, node, bits: found({ map: values, name: input }) });
    const trees = node.roots.length;
    const constant = (shape: number[], numbers: readonly (number | bigint)[]) =>
        writer.constant({ dtype: kernel.dtype, shape, values: numbers });
    const step = (op: string, inputs: string[], shape: readonly number[]): Value =>
        writer.node({
            op,
            inputs,
            output: { name: writer.fresh(`${node.output}/${op}`), dtype: kernel.dtype, shape },
        });
    const weights = constant([node.leaves.length / node.width, node.width], node.leaves);
    const chosen = step("Gather", [weights, reached.name], [trees, node.width]);
    const groups = node.bias.length / node.width;
    const members = Array.from({ length: groups * trees }, (_, index) =>
        Number(at(node.groups, index % trees) === Math.floor(index / trees)),
    );
    const product = step("MatMul", [constant([groups, trees], members), chosen.name], [groups, node.width]);
    const shape = shapeOf({ graph: analysis.graph, tensor: node.output });
    const sums = writer.reshape({ value: product, shape });
    return step("Add", [sums.name, constant(shape, node.bias)], shape);
}

type Walk = { writer: Writer; node: TreesNode; bits: Value };

/** The leaf that each tree leads to. */
function walk({ writer, node, bits }: Walk): Value {
    const splits = node.bits.length;
    const placeOf = (reference: number) => 2 * (isSplit(reference) ? reference : splits + leafNumber(reference));
    const leaves = Array.from({ length: node.leaves.length / node.width }, (_, leaf) => placeOf(-1 - leaf));
    const ways = [
        ...node.bits.flatMap((_, split) => [placeOf(at(node.low, split)), placeOf(at(node.high, split))]),
        ...leaves.flatMap((place) => [place, place]),
    ];
    const asked = [...node.bits.flatMap((bit) => [bit, bit]), ...leaves.flatMap(() => [0, 0])];
    const table = (values: readonly number[]) =>
        writer.constant({ dtype: DTYPE.INT64, shape: [values.length], values });
    const [waysName, askedName] = [table(ways), table(asked)];
    const shape = [node.roots.length];
    const step = (op: string, inputs: string[]): Value =>
        writer.node({
            op,
            inputs,
            output: { name: writer.fresh(`${node.output}/${op}`), dtype: DTYPE.INT64, shape },
        });
    let place = table(node.roots.map(placeOf));
    for (let level = 0; level < depthOf(node); level++) {
        const question = step("Gather", [askedName, place]).name;
        const answer = step("Gather", [bits.name, question]).name;
        place = step("Gather", [waysName, step("Add", [place, answer]).name]).name;
    }
    const half = step("Div", [place, table([2])]).name;
    return step("Sub", [half, table([splits])]);
}

/** Splits on the longest way down. */
function depthOf({ low, high, roots }: TreesNode): number {
    const depths: number[] = [];
    const below = (reference: number) => (isSplit(reference) ? at(depths, reference) : 0);
    for (const [split, reference] of low.entries()) {
        depths.push(1 + Math.max(below(reference), below(at(high, split))));
    }
    return roots.reduce((deepest, root) => Math.max(deepest, below(root)), 0);
}
