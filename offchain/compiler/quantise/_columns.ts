import { applyKernel, onScaled, writtenOut } from "../graph/compose.ts";
import type { AffineNode, FloatGraph, FloatNode } from "../graph/types.ts";
import { at } from "../integer/at.ts";
import { countOf, type Kernel, type SparseKernel } from "../integer/types.ts";
import type { Grid } from "./inputFormat.ts";
import type { InputFormats } from "./inputFormats.ts";

/** By tensor: the grids of the elements that still are the integers of a table. */
type Grids = Map<string, readonly Grid[]>;

/** Whether everything that reads an input multiplies its elements by weights, so that each can have a scale of its own. */
export function readersScaleColumns({ graph, tensor }: { graph: FloatGraph; tensor: string }): boolean {
    const count = countOf(graph.shapes.get(tensor) ?? []);
    const grids: Grids = new Map([[tensor, new Array<Grid>(count).fill({ scaleLog2: 0, zeroPoint: 0n })]]);
    for (const node of graph.nodes) {
        const readers = node.inputs.flatMap((name, index) => (grids.has(name) ? [index] : []));
        if (readers.length === 0 || carry({ grids, node })) continue;
        const isScaled =
            node.op === "affine" &&
            readers.every((index) => !["conv", "select"].includes(at(node.kernels, index).kind));
        if (!isScaled) return false;
    }
    return !graph.outputs.some((output) => grids.has(output.tensor));
}

/** The graph on the integers of each table: its readers' weights take in the scales, their biases the zero points. */
export function takeInColumns({ graph, formats }: { graph: FloatGraph; formats: InputFormats }): FloatGraph {
    const grids: Grids = new Map();
    for (const [tensor, { columns = [] }] of formats) {
        const count = countOf(graph.shapes.get(tensor) ?? []);
        if (columns.length === 0) continue;
        grids.set(
            tensor,
            Array.from({ length: count }, (_, index) => at(columns, index % columns.length)),
        );
    }
    if (grids.size === 0) return graph;
    return {
        ...graph,
        nodes: graph.nodes.map((node) => (carry({ grids, node }) ? node : onIntegers({ grids, node }))),
    };
}

/** Notes the grids of a node that only moves elements; false for any other. */
function carry({ grids, node }: { grids: Grids; node: FloatNode }): boolean {
    const [given] = node.inputs.map((name) => grids.get(name));
    if (given === undefined) return false;
    if (node.op === "reshape") {
        grids.set(node.output, given);
        return true;
    }
    if (node.op !== "affine" || node.kernels.length !== 1 || node.bias.some((value) => value !== 0)) return false;
    const [kernel] = node.kernels;
    if (kernel?.kind !== "select" || kernel.indices.includes(-1)) return false;
    grids.set(
        node.output,
        kernel.indices.map((index) => at(given, index)),
    );
    return true;
}

function onIntegers({ grids, node }: { grids: Grids; node: FloatNode }): FloatNode {
    if (node.op !== "affine" || !node.inputs.some((name) => grids.has(name))) return node;
    const bias = [...node.bias];
    const kernels = node.kernels.map((kernel, index) => {
        const given = grids.get(at(node.inputs, index));
        if (given === undefined) return kernel;
        const factors = given.map(({ scaleLog2 }) => 2 ** -scaleLog2);
        const scaled = onScaled({ kernel, factors }) ?? onEachScaled({ kernel, factors });
        const zeros = applyKernel({ kernel: scaled, values: given.map(({ zeroPoint }) => Number(zeroPoint)) });
        for (const [output, value] of zeros.entries()) bias[output] = at(bias, output) - value;
        return scaled;
    });
    return { ...node, kernels, bias } satisfies AffineNode;
}

/** The kernel on scaled elements, term by term. */
function onEachScaled({ kernel, factors }: { kernel: Kernel; factors: number[] }): SparseKernel {
    const { weights, ...rest } = writtenOut({ kernel, from: factors.length });
    return { ...rest, weights: weights.map((weight, term) => weight * at(factors, at(rest.index, term))) };
}
