import type { FloatTreesNode } from "../graph/types.ts";
import { at } from "../integer/at.ts";
import type { Bounds } from "../integer/interval.ts";
import type { IntegerGraph, TreesNode } from "../integer/types.ts";
import { floatScale, gridScale, type Scale } from "./_boundaries.ts";
import type { GraphBuilder } from "./_builder.ts";
import { type Diagram, diagramOf } from "./_diagram.ts";
import { boundText } from "./approximation.ts";

/** Sums of weights are kept within so many bits, sign not counted, where that leaves them exact. */
const SUM_BITS = 31;
/** Otherwise they are this much finer than the greatest sum, all trees' rounding together. */
const RELATIVE_ERROR_LOG2 = -20;
/** Weights have fewer bits than a float32 beyond this. */
const FINEST_SCALE_LOG2 = 149;

type Trees = { builder: GraphBuilder; node: FloatTreesNode; shape: number[] };

/** Adds decision trees: routing is exactly the model's, weights are rounded only where `weightScale` says. */
export function addTrees({ builder, node, shape }: Trees): void {
    const input = at(node.inputs, 0);
    const scale = scaleOf({ builder, node, tensor: input });
    const diagram = diagramOf({ node, scale });
    const bits = builder.fresh(`${node.output}/bits`);
    const { features, boundaries } = nonEmpty({ diagram, scale });
    builder.addNode({
        node: {
            op: "thermometer",
            name: node.source,
            inputs: [input],
            output: bits,
            order: scale.order,
            features,
            boundaries,
        },
        tensor: { shape: [boundaries.length], scaleLog2: 0, zeroPoint: 0n },
    });
    const { scaleLog2, error } = weightScale(node);
    if (error > 0) {
        const what = `leaf weights are multiples of 2^-${scaleLog2}`;
        builder.approximate({ node: node.source, what, bound: boundText(error) });
    }
    builder.addNode({
        node: { ...summed({ node, diagram, scaleLog2 }), inputs: [bits] },
        tensor: { shape, scaleLog2, zeroPoint: 0n },
    });
}

type Summing = { node: FloatTreesNode; diagram: Diagram; scaleLog2: number };

/** Equal leaves are one leaf already in the float graph; here they get whole weights. */
function summed({ node, diagram: { bits, low, high, roots }, scaleLog2 }: Summing): TreesNode {
    const whole = (value: number) => Math.round(value * 2 ** scaleLog2) + 0; // + 0 turns -0 into 0
    return {
        op: "trees",
        name: node.source,
        inputs: [],
        output: node.output,
        width: node.width,
        bits,
        low,
        high,
        leaves: node.leaves.map(whole),
        roots,
        groups: [...node.groups],
        bias: node.bias.map((value) => BigInt(whole(value))),
    };
}

/** The scale of the sums, and by how much rounding the weights to it may change a sum: 0 where it changes nothing. */
export function weightScale({ leaves, bias, roots, groups, width }: FloatTreesNode): {
    scaleLog2: number;
    error: number;
} {
    const values = [...leaves, ...bias];
    const greatestWeight = leaves.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
    const greatestBias = bias.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const addends = treesPerOutput({ groups, outputs: bias.length / width });
    const greatest = addends * greatestWeight + greatestBias;
    if (greatest === 0) return { scaleLog2: 0, error: 0 };
    const magnitudeLog2 = Math.floor(Math.log2(greatest));
    const exact = exactScale(values);
    if (exact !== undefined && magnitudeLog2 + exact < SUM_BITS) return { scaleLog2: exact, error: 0 };
    const roundings = (Math.min(addends, roots.length) + 1) / 2;
    const scaleLog2 = Math.ceil(Math.log2(roundings / greatest)) - RELATIVE_ERROR_LOG2;
    return { scaleLog2, error: roundings * 2 ** -scaleLog2 };
}

/** The most trees that add to one output. */
function treesPerOutput({ groups, outputs }: { groups: readonly number[]; outputs: number }): number {
    const counts = new Array<number>(Math.max(1, outputs)).fill(0);
    for (const group of groups) counts[group] = (counts[group] ?? 0) + 1;
    return Math.max(...counts);
}

/** The coarsest scale of fractions at which every value is whole; undefined when there is none that float32 has. */
function exactScale(values: readonly number[]): number | undefined {
    for (let scaleLog2 = 0; scaleLog2 <= FINEST_SCALE_LOG2; scaleLog2++) {
        if (values.every((value) => Number.isInteger(value * 2 ** scaleLog2))) return scaleLog2;
    }
    return undefined;
}

/** Raw float bits where the tensor is an input that keeps them, else the tensor's grid over each element's interval. */
function scaleOf({ builder, node, tensor }: { builder: GraphBuilder; node: FloatTreesNode; tensor: string }): Scale {
    const { lo, hi } = builder.interval(tensor);
    if (isRaw({ graph: builder.graph, tensor })) return floatScale({ features: lo.length, node });
    const ranges: Bounds[] = lo.map((least, index) => ({ lo: least, hi: at(hi, index) }));
    return gridScale({ ...builder.tensor(tensor), ranges, node });
}

function isRaw({ graph, tensor }: { graph: IntegerGraph; tensor: string }): boolean {
    const producer = graph.nodes.find(({ output }) => output === tensor);
    if (producer?.op === "reshape") return isRaw({ graph, tensor: at(producer.inputs, 0) });
    return graph.inputs.some((input) => input.tensor === tensor && input.encoding === "float32");
}

/** A tensor has an element: trees that no input divides keep one bit, which is always 1. */
function nonEmpty({ diagram: { features, boundaries }, scale }: { diagram: Diagram; scale: Scale }) {
    if (features.length > 0) return { features, boundaries };
    return { features: [0], boundaries: [at(scale.ranges, 0).lo] };
}
