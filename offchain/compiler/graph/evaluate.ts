import { at } from "../integer/at.ts";
import { argMaxLines } from "../integer/ops/argMax.ts";
import { groupsOf } from "../integer/ops/maximum.ts";
import { isSplit, leafNumber } from "../integer/ops/trees.ts";
import { type Rows, rowsOf } from "../integer/rows.ts";
import { applyRequantisation, roundHalfEven } from "../quantise/requantisation.ts";
import { comparedValue } from "./comparedValue.ts";
import { realFunction } from "./functions.ts";
import type {
    AffineNode,
    FloatGraph,
    FloatNode,
    FloatOneHotNode,
    FloatTableNode,
    FloatTopNode,
    FloatTreesNode,
    IntegerAffineNode,
    RequantiseNode,
} from "./types.ts";

/** Runs a float graph many times, in double precision. */
export type FloatEvaluator = {
    /** Every tensor by name. */
    trace: (input: readonly number[]) => Map<string, Float64Array>;
};

/** What the float model computes: the yardstick for quantisation, nothing else depends on its rounding. */
export function createFloatEvaluator(graph: FloatGraph): FloatEvaluator {
    const rows = new Map<FloatNode, Rows[]>();
    for (const node of graph.nodes)
        if (node.op === "affine" || node.op === "integerAffine") rows.set(node, node.kernels.map(rowsOf));
    return {
        trace: (input) => {
            const values = new Map<string, Float64Array>();
            let start = 0;
            for (const { tensor } of graph.inputs) {
                const count = (graph.shapes.get(tensor) ?? []).reduce((product, size) => product * size, 1);
                values.set(tensor, Float64Array.from(input.slice(start, start + count)));
                start += count;
            }
            for (const node of graph.nodes) {
                const inputs = node.inputs.map((name) => values.get(name) ?? new Float64Array());
                values.set(node.output, evaluate({ node, inputs, rows: rows.get(node) ?? [] }));
            }
            return values;
        },
    };
}

function evaluate({ node, inputs, rows }: { node: FloatNode; inputs: Float64Array[]; rows: Rows[] }): Float64Array {
    const input = inputs[0] ?? new Float64Array();
    switch (node.op) {
        case "affine":
        case "integerAffine":
            return affine({ node, inputs, rows });
        case "relu":
            return input.map((value) => Math.max(0, value));
        case "requantise":
            return input.map((sum, index) => requantised({ node, sum, index }));
        case "lookUp":
            return input.map(realFunction(node.function));
        case "round":
            return input.map(ROUNDING[node.mode]);
        case "clamp":
            return input.map((value) => Math.min(Math.max(value, node.min), node.max));
        case "compare":
            return input.map((value) => Number(RELATION[node.relation](value)));
        case "maximum":
            return Float64Array.from(groupsOf(node), (group) =>
                Math.max(...group.map((position) => at(input, position))),
            );
        case "oneHot":
            return Float64Array.from(oneHot({ node, input }));
        case "product":
            return input.map((value, index) => value * at(at(inputs, 1), index));
        case "divide":
            return input.map((value, index) => value / at(at(inputs, 1), index));
        case "squareRoot":
            return input.map((value) => Math.sqrt(Math.max(0, value)));
        case "table":
            return Float64Array.from(tableEntries({ node, input }));
        case "top":
            return Float64Array.from(topOf({ node, input }));
        case "argMax":
            return Float64Array.from(argMaxLines(node), (line) =>
                line.reduce(
                    (best, position, index) => (at(input, position) > at(input, at(line, best)) ? index : best),
                    0,
                ),
            );
        case "trees":
            return trees({ node, input });
        case "reshape":
            return input;
    }
}

function requantised({ node, sum, index }: { node: RequantiseNode; sum: number; index: number }): number {
    const fraction = at(node.fractions, at(node.fractionOf, index));
    return applyRequantisation({ range: node, fraction, sum }) + node.zeroPoint;
}

const ROUNDING = { floor: Math.floor, ceiling: Math.ceil, halfEven: roundHalfEven } as const;

const RELATION = {
    nonNegative: (value: number) => value >= 0,
    positive: (value: number) => value > 0,
    zero: (value: number) => value === 0,
} as const;

function oneHot({ node: { min, depth }, input }: { node: FloatOneHotNode; input: Float64Array }): number[] {
    return Array.from(input).flatMap((value) =>
        Array.from({ length: depth }, (_, place) => Number(value === min + place)),
    );
}

const ROUTE = {
    atLeast: (value: number, threshold: number) => value >= threshold,
    above: (value: number, threshold: number) => value > threshold,
    equal: (value: number, threshold: number) => value === threshold,
} as const;

function trees({ node, input }: { node: FloatTreesNode; input: Float64Array }): Float64Array {
    const values = input.map((value, feature) => comparedValue({ node, value, feature }));
    const sums = Float64Array.from(node.bias);
    for (const [tree, root] of node.roots.entries()) {
        let place = root;
        while (isSplit(place)) {
            const { feature, relation, threshold, high, low } = at(node.splits, place);
            place = ROUTE[relation](at(values, feature), threshold) ? high : low;
        }
        for (let column = 0; column < node.width; column++) {
            const output = at(node.groups, tree) * node.width + column;
            sums[output] = at(sums, output) + at(node.leaves, leafNumber(place) * node.width + column);
        }
    }
    return sums;
}

function topOf({ node, input }: { node: FloatTopNode; input: Float64Array }): number[] {
    const { part, count, outer, inner } = node;
    const orders = argMaxLines(node).map((line) => {
        const places = line.map((position, place) => ({ value: at(input, position), place }));
        return places.toSorted((left, right) => right.value - left.value || left.place - right.place);
    });
    return Array.from({ length: outer * count * inner }, (_, output) => {
        const line = Math.floor(output / inner / count) * inner + (output % inner);
        const { value, place } = at(at(orders, line), Math.floor(output / inner) % count);
        return part === "values" ? value : place;
    });
}

function tableEntries({ node: { min, columns }, input }: { node: FloatTableNode; input: Float64Array }): number[] {
    const last = at(columns, 0).length - 1;
    return Array.from(input).flatMap((value) => {
        const place = Math.min(Math.max(0, value - min), last);
        return columns.map((column) => at(column, place));
    });
}

function affine({
    node,
    inputs,
    rows,
}: {
    node: AffineNode | IntegerAffineNode;
    inputs: Float64Array[];
    rows: Rows[];
}): Float64Array {
    const sums = Float64Array.from(node.bias);
    for (const [kernel, { start, index, weight }] of rows.entries()) {
        const values = at(inputs, kernel);
        for (let output = 0; output < sums.length; output++) {
            let sum = sums[output] ?? 0;
            const end = start[output + 1] ?? 0;
            for (let term = start[output] ?? 0; term < end; term++) {
                sum += (weight[term] ?? 0) * (values[index[term] ?? 0] ?? 0);
            }
            sums[output] = sum;
        }
    }
    return sums;
}
