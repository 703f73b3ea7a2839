import { at } from "../../integer/at.ts";
import { ZERO_KEY } from "../../integer/floatKey.ts";
import type { Bounds } from "../../integer/interval.ts";
import { orderedBounds } from "../../integer/ops/thermometer.ts";
import type { IntegerGraph, ThermometerNode } from "../../integer/types.ts";
import { asCombination, type Builder, elementOf, elementsOf } from "../_builder.ts";
import { weightedSum } from "../combination.ts";
import type { Gadget } from "../gadgets.ts";
import type { Element } from "../plan.ts";

type Lowering = { builder: Builder; node: ThermometerNode; inputs: Element[]; bounds: Bounds[] };

/** One gadget for each feature that some boundary divides; a feature of two values is its own bit. */
export function lowerThermometer({ builder, node, inputs, bounds }: Lowering): Element[] {
    const bits: Element[] = bounds.map(({ lo }) => ({ kind: "constant", value: lo }));
    for (const [feature, positions] of openPositions({ node, bounds })) {
        const input = at(inputs, feature);
        const boundaries = positions.map((position) => at(node.boundaries, position));
        const range = builder.boundsOf(input);
        const elements =
            node.order === "float32"
                ? climbFloats({ builder, input, boundaries })
                : climb({ builder, input, boundaries, range });
        for (const [index, position] of positions.entries()) bits[position] = at(elements, index);
    }
    return bits;
}

/**
 * Elements of a range-checked input whose range a thermometer on it enforces anyway. Raw bits of floats are compared
 * over their whole range, which is the same.
 */
export function guardedElements({ graph, tensor }: { graph: IntegerGraph; tensor: string }): Set<number> {
    const copies = new Set([tensor]);
    const guarded = new Set<number>();
    for (const node of graph.nodes) {
        if (!node.inputs.some((name) => copies.has(name))) continue;
        if (node.op === "reshape") copies.add(node.output);
        if (node.op !== "thermometer") continue;
        const { min, max } = rangeOf({ graph, tensor });
        const { lo, hi } = orderedBounds({ order: node.order, lo: min, hi: max });
        if (hi - lo < 2n) continue;
        for (const [index, feature] of node.features.entries()) {
            const boundary = at(node.boundaries, index);
            if (boundary > lo && boundary <= hi) guarded.add(feature);
        }
    }
    return guarded;
}

function rangeOf({ graph, tensor }: { graph: IntegerGraph; tensor: string }): { min: bigint; max: bigint } {
    const input = graph.inputs.find((candidate) => candidate.tensor === tensor);
    if (input === undefined) throw new RangeError(`"${tensor}" is no input`);
    return input;
}

/** By feature, the bits that are neither always 0 nor always 1. */
function openPositions({ node, bounds }: Pick<Lowering, "node" | "bounds">): Map<number, number[]> {
    const open = new Map<number, number[]>();
    for (const [position, { lo, hi }] of bounds.entries()) {
        if (lo === hi) continue;
        const feature = at(node.features, position);
        open.set(feature, [...(open.get(feature) ?? []), position]);
    }
    return open;
}

type Climb = { builder: Builder; input: Element; boundaries: bigint[] };

function climb({ builder, input, boundaries, range: { lo, hi } }: Climb & { range: Bounds }): Element[] {
    if (hi - lo === 1n) {
        const value = weightedSum({ constant: -lo, parts: [{ value: asCombination(input), weight: 1n }] });
        return [elementOf({ builder, value })];
    }
    const gadget = { template: "Thermometer", ladder: [lo, ...boundaries, hi + 1n] } as const;
    return callGadget({ builder, input, gadget, count: boundaries.length });
}

/** The sign changes at +0, which is no boundary of its own: -0 and +0 are one number. */
function climbFloats({ builder, input, boundaries }: Climb): Element[] {
    const below = boundaries.filter((boundary) => boundary < ZERO_KEY);
    const thresholds = [...below, ZERO_KEY, ...boundaries.slice(below.length)];
    const gadget = { template: "FloatThermometer", thresholds } as const;
    const bits = callGadget({ builder, input, gadget, count: thresholds.length });
    return bits.filter((_, index) => index !== below.length);
}

type Call = { builder: Builder; input: Element; gadget: Gadget; count: number };

function callGadget({ builder, input, gadget, count }: Call): Element[] {
    const inputs = builder.settle([input]);
    const bit = { lo: 0n, hi: 1n };
    const array = builder.declare({ name: "reach", bounds: new Array<Bounds>(count).fill(bit) });
    builder.gadget({ gadget, inputs, output: { kind: "array", array } });
    return elementsOf(array);
}
