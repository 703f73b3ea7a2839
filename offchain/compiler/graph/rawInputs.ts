import { DTYPE } from "../onnx/dtypes.ts";
import { RAW_FLOATS } from "../quantise/inputFormat.ts";
import type { FloatGraph, FloatInput } from "./types.ts";

/**
 * The graph with every input of real numbers that only decision trees read kept as the raw bits of float32: a
 * comparison needs no scale, and none would leave it what it is. Doubles are taken as the nearest float32 numbers.
 */
export function keepRawInputs(graph: FloatGraph): FloatGraph {
    const isRaw = ({ tensor, dtype, format }: FloatInput) =>
        (dtype === DTYPE.FLOAT || dtype === DTYPE.DOUBLE) && format === undefined && onlyTreesRead({ graph, tensor });
    const doubles = graph.inputs.filter((input) => input.dtype === DTYPE.DOUBLE && isRaw(input));
    return {
        ...graph,
        inputs: graph.inputs.map((input) => (isRaw(input) ? { ...input, format: RAW_FLOATS } : input)),
        notes: [...graph.notes, ...doubles.map(({ tensor }) => `input "${tensor}" takes float32 numbers, not float64`)],
    };
}

/** Whether trees read a tensor, be it under other shapes, and nothing else does. */
function onlyTreesRead({ graph, tensor }: { graph: FloatGraph; tensor: string }): boolean {
    const copies = new Set([tensor]);
    let isCompared = false;
    for (const node of graph.nodes) {
        if (!node.inputs.some((name) => copies.has(name))) continue;
        if (node.op === "reshape") copies.add(node.output);
        else if (node.op === "trees") isCompared = true;
        else return false;
    }
    return isCompared && !graph.outputs.some((output) => copies.has(output.tensor));
}
