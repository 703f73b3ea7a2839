import type { FloatGraph, FloatNode } from "./types.ts";

/** Kinds that give the bits of an operand on to what they make, and cost nothing by the bit. */
const PASSAGES: ReadonlySet<string> = new Set(["affine", "product", "reshape"] satisfies FloatNode["op"][]);

/**
 * The graph without the bounds that follow from it and that serve nothing: between them and the outputs is no node
 * whose cost depends on how wide its operands are.
 */
export function dropIdleBounds(graph: FloatGraph): FloatGraph {
    const served = new Set<string>();
    const nodes: FloatNode[] = [];
    for (const node of graph.nodes.toReversed()) {
        if (node.op === "clamp" && node.isImplied && !served.has(node.output)) {
            nodes.push({ op: "reshape", source: node.source, inputs: node.inputs, output: node.output });
            continue;
        }
        nodes.push(node);
        if (PASSAGES.has(node.op) && !served.has(node.output)) continue;
        for (const input of node.inputs) served.add(input);
    }
    return { ...graph, nodes: nodes.toReversed() };
}
