import { at } from "../integer/at.ts";
import type { AffineNode, FloatGraph, FloatNode } from "./types.ts";

/** The same function with fewer nodes: what no output needs is gone, and an added constant joins the map before it. */
export function simplify(graph: FloatGraph): FloatGraph {
    return foldAddedConstants(dropUnused(graph));
}

function dropUnused(graph: FloatGraph): FloatGraph {
    const needed = new Set(graph.outputs.map(({ tensor }) => tensor));
    const nodes: FloatNode[] = [];
    for (const node of graph.nodes.toReversed()) {
        if (!needed.has(node.output)) continue;
        nodes.unshift(node);
        for (const name of node.inputs) needed.add(name);
    }
    return { ...graph, nodes };
}

function foldAddedConstants(graph: FloatGraph): FloatGraph {
    const nodes: FloatNode[] = [];
    for (const node of graph.nodes) {
        const index = nodes.findIndex(({ output }) => output === node.inputs[0]);
        const producer = nodes[index];
        const isFoldable =
            producer?.op === "affine" && isAddition(node) && readers({ graph, tensor: producer.output }) === 1;
        if (isFoldable)
            nodes[index] = { ...producer, output: node.output, bias: sum({ left: producer.bias, right: node.bias }) };
        else nodes.push(node);
    }
    return { ...graph, nodes };
}

/** Whether a node only adds constants to its one input. */
function isAddition(node: FloatNode): node is AffineNode {
    if (node.op !== "affine" || node.kernels.length !== 1) return false;
    const [kernel] = node.kernels;
    return kernel?.kind === "scale" && kernel.factors.every((factor) => factor === 1);
}

function readers({ graph, tensor }: { graph: FloatGraph; tensor: string }): number {
    const byNodes = graph.nodes.flatMap(({ inputs }) => inputs).filter((name) => name === tensor).length;
    return byNodes + graph.outputs.filter((output) => output.tensor === tensor).length;
}

function sum({ left, right }: { left: number[]; right: number[] }): number[] {
    return left.map((value, index) => value + at(right, index));
}
