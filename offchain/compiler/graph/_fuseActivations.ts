import { at } from "../integer/at.ts";
import type { FloatGraph, FloatMaximumNode, FloatNode, FloatProductNode, FloatReluNode } from "./types.ts";

/** Activations where they cost least: a ReLU after a maximum instead of before it, x * sigmoid(x) as one function. */
export function fuseActivations(graph: FloatGraph): FloatGraph {
    return fuseSwish(rectifyLate(graph));
}

/** max(relu(a), relu(b)) = relu(max(a, b)): one ReLU for each maximum. */
function rectifyLate(graph: FloatGraph): FloatGraph {
    const shapes = new Map(graph.shapes);
    const nodes: FloatNode[] = [];
    for (const node of graph.nodes) {
        const index = nodes.findIndex(({ output }) => output === node.inputs[0]);
        const relu = nodes[index];
        if (node.op !== "maximum" || relu?.op !== "relu" || !isReadOnce({ graph, tensor: relu.output })) {
            nodes.push(node);
            continue;
        }
        nodes.splice(index, 1);
        nodes.push(...swapped({ relu, maximum: node }));
        shapes.set(relu.output, shapes.get(node.output) ?? []);
    }
    return { ...graph, nodes, shapes };
}

/** The ReLU's tensor now holds the greatest of what it rectified. */
function swapped({ relu, maximum }: { relu: FloatReluNode; maximum: FloatMaximumNode }): FloatNode[] {
    return [
        { ...maximum, inputs: relu.inputs, output: relu.output },
        { ...relu, inputs: [relu.output], output: maximum.output },
    ];
}

function fuseSwish(graph: FloatGraph): FloatGraph {
    return { ...graph, nodes: graph.nodes.map((node) => (node.op === "product" ? swishOf({ graph, node }) : node)) };
}

function swishOf({ graph, node }: { graph: FloatGraph; node: FloatProductNode }): FloatNode {
    for (const [place, input] of node.inputs.entries()) {
        const other = at(node.inputs, 1 - place);
        const gate = graph.nodes.find(({ output }) => output === other);
        const isSwish = gate?.op === "lookUp" && gate.function.name === "sigmoid" && gate.inputs[0] === input;
        if (!isSwish) continue;
        const { source, output } = node;
        return { op: "lookUp", source, inputs: [input], output, function: { name: "silu", parameters: [] } };
    }
    return node;
}

function isReadOnce({ graph, tensor }: { graph: FloatGraph; tensor: string }): boolean {
    const readings = graph.nodes.flatMap(({ inputs }) => inputs).filter((name) => name === tensor).length;
    return readings === 1 && graph.outputs.every((output) => output.tensor !== tensor);
}
