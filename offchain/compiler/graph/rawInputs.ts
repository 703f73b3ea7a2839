import { DTYPE } from "../onnx/dtypes.ts";
import { RAW_FLOATS } from "../quantise/inputFormat.ts";
import type { FloatGraph, FloatInput } from "./types.ts";

/**
 * The graph with every float32 input that only decision trees read kept as raw bits: a comparison needs no scale, and
 * none would leave it what it is.
 */
export function keepRawInputs(graph: FloatGraph): FloatGraph {
    const isRaw = ({ tensor, dtype, format }: FloatInput) =>
        dtype === DTYPE.FLOAT && format === undefined && onlyTreesRead({ graph, tensor });
    return { ...graph, inputs: graph.inputs.map((input) => (isRaw(input) ? { ...input, format: RAW_FLOATS } : input)) };
}

/** Whether trees that compare float32 numbers read a tensor, be it under other shapes, and nothing else does. */
function onlyTreesRead({ graph, tensor }: { graph: FloatGraph; tensor: string }): boolean {
    const copies = new Set([tensor]);
    let isCompared = false;
    for (const node of graph.nodes) {
        if (!node.inputs.some((name) => copies.has(name))) continue;
        if (node.op === "reshape") copies.add(node.output);
        else if (node.op === "trees" && node.precision === "float32") isCompared = true;
        else return false;
    }
    return isCompared && !graph.outputs.some((output) => copies.has(output.tensor));
}
