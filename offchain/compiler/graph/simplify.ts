import { at } from "../integer/at.ts";
import type { Kernel } from "../integer/types.ts";
import { fuseActivations } from "./_fuseActivations.ts";
import { dropIdleBounds } from "./_idleBounds.ts";
import { applyKernel, onScaled, onSelected, scaled, termCount, writtenOut } from "./compose.ts";
import type { AffineNode, FloatGraph, FloatNode } from "./types.ts";

/**
 * The same function with fewer nodes: what no output needs is gone, and factors, addends and selections join the affine
 * map before or after them. A layer less is a rounding of weights less, and bits less in the sums.
 */
export function simplify(graph: FloatGraph): FloatGraph {
    return dropIdleBounds(dropUnused(joinAffine(fuseActivations(dropUnused(graph)))));
}

/** Kernels of at most so many terms may lose their kind, and be written out, to join another. */
const MOST_WRITTEN_TERMS = 2 ** 16;

function dropUnused(graph: FloatGraph): FloatGraph {
    const needed = new Set(graph.outputs.map(({ tensor }) => tensor));
    const nodes: FloatNode[] = [];
    for (const node of graph.nodes.toReversed()) {
        if (!needed.has(node.output)) continue;
        nodes.push(node);
        for (const name of node.inputs) needed.add(name);
    }
    return { ...graph, nodes: nodes.toReversed() };
}

/** What a node may ask of the nodes before it. */
type Context = { producers: ReadonlyMap<string, FloatNode>; readers: ReadonlyMap<string, number> };

function joinAffine(graph: FloatGraph): FloatGraph {
    const producers = new Map<string, FloatNode>();
    const context = { producers, readers: readersOf(graph) };
    const nodes = graph.nodes.map((node) => {
        const joined = node.op === "affine" ? joinProducer({ context, node: joinInputs({ context, node }) }) : node;
        producers.set(joined.output, joined);
        return joined;
    });
    return { ...graph, nodes };
}

function readersOf({ nodes, outputs }: FloatGraph): Map<string, number> {
    const readers = new Map<string, number>();
    const count = (name: string) => readers.set(name, (readers.get(name) ?? 0) + 1);
    for (const { inputs } of nodes) inputs.forEach(count);
    for (const { tensor } of outputs) count(tensor);
    return readers;
}

type Joining = { context: Context; node: AffineNode };

/** Reads what reshapes, factors and selections before a node read, as long as its kernels keep their kinds. */
function joinInputs({ context: { producers }, node }: Joining): AffineNode {
    const [inputs, kernels, bias] = [[...node.inputs], [...node.kernels], [...node.bias]];
    for (const index of inputs.keys()) {
        for (;;) {
            const producer = producers.get(at(inputs, index));
            const step = producer === undefined ? undefined : joined({ producer, kernel: at(kernels, index) });
            if (producer === undefined || step === undefined) break;
            inputs[index] = at(producer.inputs, 0);
            kernels[index] = step.kernel;
            for (const [output, value] of step.addends.entries()) bias[output] = at(bias, output) + value;
        }
    }
    return { ...node, inputs, kernels, bias };
}

type Joined = { kernel: Kernel; addends: number[] };

/** The kernel on the one input of a producer, and what the producer's own constants add to its outputs. */
function joined({ producer, kernel }: { producer: FloatNode; kernel: Kernel }): Joined | undefined {
    if (producer.op === "reshape") return { kernel, addends: [] };
    const [before, ...others] = producer.op === "affine" ? producer.kernels : [];
    if (producer.op !== "affine" || before === undefined || others.length > 0) return undefined;
    const composed = composedWith({ kernel, before });
    if (composed === undefined) return undefined;
    const isPlain = producer.bias.every((value) => value === 0);
    return { kernel: composed, addends: isPlain ? [] : applyKernel({ kernel, values: producer.bias }) };
}

function composedWith({ kernel, before }: { kernel: Kernel; before: Kernel }): Kernel | undefined {
    if (before.kind === "select") {
        const { indices, from } = before;
        return termCount(kernel) <= MOST_WRITTEN_TERMS ? onSelected({ kernel, indices, from }) : undefined;
    }
    if (before.kind !== "scale") return undefined;
    const { factors } = before;
    const own = onScaled({ kernel, factors });
    if (own !== undefined || termCount(kernel) > MOST_WRITTEN_TERMS) return own;
    return onScaled({ kernel: writtenOut({ kernel, from: factors.length }), factors });
}

/** A node that only multiplies and adds joins the affine map before it, if nothing else reads that. */
function joinProducer({ context: { producers, readers }, node }: Joining): AffineNode {
    const [kernel, ...others] = node.kernels;
    const source = at(node.inputs, 0);
    const producer = producers.get(source);
    if (kernel?.kind !== "scale" || others.length > 0 || producer?.op !== "affine" || readers.get(source) !== 1)
        return node;
    const { factors } = kernel;
    const kernels = producer.kernels.map((before) => scaledOrWritten({ kernel: before, factors }));
    if (!kernels.every((result) => result !== undefined)) return node;
    const bias = producer.bias.map((value, index) => value * at(factors, index) + at(node.bias, index));
    return { ...node, inputs: producer.inputs, kernels, bias };
}

function scaledOrWritten({ kernel, factors }: { kernel: Kernel; factors: number[] }): Kernel | undefined {
    if (factors.every((factor) => factor === 1)) return kernel;
    const own = scaled({ kernel, factors });
    if (own !== undefined || termCount(kernel) > MOST_WRITTEN_TERMS) return own;
    const from = kernel.kind === "select" ? kernel.from : inputCount(kernel);
    return scaled({ kernel: writtenOut({ kernel, from }), factors });
}

/** Number of elements that a kernel reads. */
function inputCount(kernel: Exclude<Kernel, { kind: "select" }>): number {
    switch (kernel.kind) {
        case "dense":
            return kernel.positions * kernel.columns;
        case "conv":
            return kernel.channels * kernel.spatial.reduce((product, size) => product * size, 1);
        case "scale":
            return kernel.factors.length;
        case "sparse":
            return kernel.from;
    }
}
