import { at } from "../integer/at.ts";
import type { AffineNode, FloatGraph, FloatNode, FloatTreesNode } from "./types.ts";

/**
 * The graph whose trees compare what a Scaler before them makes of a number instead of reading the Scaler: no number is
 * rounded to a scale on the way. Afterwards no affine node says that it was a Scaler.
 */
export function absorbScalers(graph: FloatGraph): FloatGraph {
    const scalers = new Map<string, AffineNode>();
    for (const node of graph.nodes) if (node.op === "affine" && isMonotone(node)) scalers.set(node.output, node);
    const nodes = graph.nodes.map((node): FloatNode => {
        if (node.op === "trees") return withScaler({ node, scaler: scalers.get(at(node.inputs, 0)) });
        if (node.op !== "affine") return node;
        const { scaler: _seen, ...affine } = node;
        return affine;
    });
    return { ...graph, nodes };
}

/** Scales that are not positive would turn the order of the numbers round, or make NaN of an infinite one. */
function isMonotone({ scaler }: AffineNode): boolean {
    return scaler?.scale.every((factor) => factor > 0) === true;
}

function withScaler({ node, scaler }: { node: FloatTreesNode; scaler: AffineNode | undefined }): FloatTreesNode {
    if (scaler === undefined || node.precision !== "float32") return node;
    return { ...node, inputs: scaler.inputs, scaler: scaler.scaler };
}
