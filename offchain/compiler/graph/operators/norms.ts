import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import { axisOf, intAttribute, tensorOf, unsupportedForm } from "./_call.ts";
import { exponentials, type Groups, groupsAlong } from "./_groups.ts";
import { createSteps, type Steps } from "./_steps.ts";
import type { Operator, TensorOperand } from "./operator.ts";
import { reductionOf } from "./reduce.ts";

type Reduced = { steps: Steps; input: TensorOperand; groups: Groups; shape: number[] };

/** An operator that makes one element of each group along some axes. */
function reduction(name: string, reduce: (reduced: Reduced) => TensorOperand): Operator {
    return {
        supported: `${name} over constant axes`,
        attributes: ["axes", "keepdims", "noop_with_empty_axes"],
        translate: (call) => {
            const input = tensorOf({ call, index: 0 });
            const { groups, shape } = groupsAlong({ call, input, ...reductionOf({ call, rank: input.shape.length }) });
            const steps = createSteps(call);
            return steps.finish({ tensor: reduce({ steps, input, groups, shape }) });
        },
    };
}

const absolute = ({ steps, input }: Pick<Reduced, "steps" | "input">): TensorOperand => {
    const positive = steps.map({ tensor: input, draft: { op: "relu" }, label: "positive" });
    const parts = [
        { tensor: positive, factor: 2 },
        { tensor: input, factor: -1 },
    ];
    return steps.combine({ parts, label: "absolute" });
};

const sumOfSquares = ({ steps, input, groups, shape }: Reduced): TensorOperand => {
    const squares = steps.product({ left: input, right: input, label: "squares" });
    return steps.sums({ tensor: squares, groups, shape, label: "sums" });
};

const euclidean = (reduced: Reduced): TensorOperand =>
    reduced.steps.map({ tensor: sumOfSquares(reduced), draft: { op: "squareRoot" }, label: "roots" });

/** Never negative, which the interval of 2 max(0, x) - x does not show. */
const absoluteSum = ({ steps, input, groups, shape }: Reduced): TensorOperand => {
    const sums = steps.sums({ tensor: absolute({ steps, input }), groups, shape, label: "sums" });
    const range = { op: "clamp", min: 0, max: Number.POSITIVE_INFINITY, isImplied: true } as const;
    return steps.map({ tensor: sums, draft: range, label: "norms" });
};

const logOfExponentials = (reduced: Reduced): TensorOperand => {
    const { greatest, total } = exponentials(reduced);
    const log = reduced.steps.lookUp({ tensor: total, name: "log", label: "log" });
    return reduced.steps.combine({ parts: [{ tensor: greatest }, { tensor: log }], label: "logs" });
};

/** Pairs, then pairs of pairs: each group in as many rounds as its size has bits. */
const productOfAll = ({ steps, input, groups, shape }: Reduced): TensorOperand => {
    let length = at(groups, 0).length;
    const order = groups.flat();
    let tensor = steps.select({ tensor: input, indices: order, shape: [groups.length, length], label: "factors" });
    while (length > 1) {
        const pairs = Math.floor(length / 2);
        const columns = (offset: number, stride: number, count: number) =>
            groups.flatMap((_, group) =>
                Array.from({ length: count }, (_entry, i) => group * length + offset + i * stride),
            );
        const pick = (indices: number[], label: string) =>
            steps.select({ tensor, indices, shape: [groups.length, indices.length / groups.length], label });
        const left = pick(columns(0, 2, pairs), "left");
        const product = steps.product({ left, right: pick(columns(1, 2, pairs), "right"), label: "product" });
        if (length % 2 === 1) {
            const last = pick(columns(length - 1, 1, 1), "last");
            tensor = appended({ steps, left: product, right: last, count: groups.length });
        } else {
            tensor = product;
        }
        length = Math.ceil(length / 2);
    }
    return steps.select({ tensor, indices: groups.map((_, group) => group), shape, label: "products" });
};

type Appending = { steps: Steps; left: TensorOperand; right: TensorOperand; count: number };

/** One column more. */
function appended({ steps, left, right, count }: Appending): TensorOperand {
    const width = countOf(left.shape) / count;
    const places = Array.from({ length: count * (width + 1) }, (_, place) => ({
        row: Math.floor(place / (width + 1)),
        column: place % (width + 1),
    }));
    const own = places.map(({ row, column }) => (column < width ? row * width + column : -1));
    const other = places.map(({ row, column }) => (column < width ? -1 : row));
    const parts = [
        { tensor: left, kernel: { kind: "select" as const, from: countOf(left.shape), indices: own } },
        { tensor: right, kernel: { kind: "select" as const, from: countOf(right.shape), indices: other } },
    ];
    return steps.combine({ parts, shape: [count, width + 1], label: "appended" });
}

/** Each slice along an axis over its norm. */
export const lpNormalizationOperator: Operator = {
    supported: "LpNormalization with p 1 or 2",
    attributes: ["axis", "p"],
    translate: (call) => {
        const input = tensorOf({ call, index: 0 });
        const rank = input.shape.length;
        const axis = axisOf({ call, axis: intAttribute({ call, name: "axis", fallback: -1 }), rank });
        const power = intAttribute({ call, name: "p", fallback: 2 });
        if (power !== 1 && power !== 2) throw unsupportedForm({ call, why: `p is ${power}; supported are 1 and 2` });
        const { groups, shape } = groupsAlong({ call, input, axes: [axis], keepsAxes: true });
        const steps = createSteps(call);
        const norms = power === 1 ? absoluteSum : euclidean;
        const shares = steps.reciprocal({ tensor: norms({ steps, input, groups, shape }), label: "shares" });
        return steps.finish({ tensor: steps.product({ left: input, right: shares, label: "quotients" }) });
    },
};

/** Reductions that are no linear maps. */
export const NORM_OPERATORS: readonly (readonly [string, Operator])[] = [
    ["ReduceL1", reduction("ReduceL1", absoluteSum)],
    ["ReduceL2", reduction("ReduceL2", euclidean)],
    ["ReduceSumSquare", reduction("ReduceSumSquare", sumOfSquares)],
    [
        "ReduceLogSum",
        reduction("ReduceLogSum", ({ steps, input, groups, shape }) => {
            const sums = steps.sums({ tensor: input, groups, shape, label: "sums" });
            return steps.lookUp({ tensor: sums, name: "log", label: "log" });
        }),
    ],
    ["ReduceLogSumExp", reduction("ReduceLogSumExp", logOfExponentials)],
    ["ReduceProd", reduction("ReduceProd", productOfAll)],
    ["LpNormalization", lpNormalizationOperator],
];
