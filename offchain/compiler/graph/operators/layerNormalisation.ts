import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import { axisOf, floatAttribute, intAttribute, intsAttribute, operandOf, tensorOf, unsupportedForm } from "./_call.ts";
import { consecutive, type Groups, groupOfEach, groupsAlong } from "./_groups.ts";
import { mixedProduct, mixedSum } from "./_mixed.ts";
import { createSteps, type Steps } from "./_steps.ts";
import type { Operand, Operator, OperatorCall, TensorOperand } from "./operator.ts";

/** Each slice from an axis on less its mean, over its deviation. */
export const layerNormalizationOperator: Operator = {
    supported: "LayerNormalization",
    attributes: ["axis", "epsilon", "stash_type"],
    translate: (call) => {
        const input = tensorOf({ call, index: 0 });
        const rank = input.shape.length;
        const axis = axisOf({ call, axis: intAttribute({ call, name: "axis", fallback: -1 }), rank });
        const length = countOf(input.shape.slice(axis));
        const groups = consecutive({ count: countOf(input.shape), length });
        const steps = createSteps(call);
        const normal = normalised({ steps, input, groups, epsilon: epsilonOf(call) });
        const [scale, shift] = [operandOf({ call, index: 1 }), call.operands[2]];
        const output = steps.finish({ tensor: affine({ steps, normal, scale, shift }) });
        const reduced = input.shape.map((size, each) => (each < axis ? size : 1));
        const isWanted = (index: number) => (call.node.outputs[index] ?? "") !== "";
        const statistic = (index: number, tensor: () => TensorOperand) =>
            isWanted(index) ? steps.finish({ tensor: tensor(), shape: reduced, index }) : undefined;
        return [
            output,
            statistic(1, () => steps.combine({ parts: [{ tensor: normal.sums, factor: 1 / length }], label: "mean" })),
            statistic(2, () => {
                return steps.combine({ parts: [{ tensor: normal.shares, factor: length ** 1.5 }], label: "deviation" });
            }),
        ];
    },
};

/** Each channel of a sample less its mean, over its deviation. */
export const instanceNormalizationOperator: Operator = {
    supported: "InstanceNormalization",
    attributes: ["consumed_inputs", "epsilon"],
    translate: (call) => {
        const input = tensorOf({ call, index: 0 });
        const length = countOf(input.shape.slice(2));
        const groups = consecutive({ count: countOf(input.shape), length });
        const steps = createSteps(call);
        const normal = normalised({ steps, input, groups, epsilon: epsilonOf(call) });
        const [scale, shift] = [1, 2].map((index) => perChannel({ call, input, index, repeats: 1 }));
        if (scale === undefined) throw unsupportedForm({ call, why: "it needs a scale" });
        return steps.finish({ tensor: affine({ steps, normal, scale, shift }) });
    },
};

/** Each group of channels of a sample less its mean, over its deviation. */
export const groupNormalizationOperator: Operator = {
    supported: "GroupNormalization",
    attributes: ["epsilon", "num_groups", "stash_type"],
    translate: (call) => {
        const input = tensorOf({ call, index: 0 });
        const [batch = 1, channels = 1] = input.shape;
        const count = intAttribute({ call, name: "num_groups", fallback: 0 });
        if (count < 1 || channels % count !== 0) {
            throw unsupportedForm({ call, why: `${channels} channels do not fall into ${count} groups` });
        }
        const length = countOf(input.shape) / batch / count;
        const groups = consecutive({ count: countOf(input.shape), length });
        const steps = createSteps(call);
        const normal = normalised({ steps, input, groups, epsilon: epsilonOf(call) });
        const isPerGroup = countOf(operandOf({ call, index: 1 }).shape) === count;
        const repeats = isPerGroup ? channels / count : 1;
        const [scale, shift] = [1, 2].map((index) => perChannel({ call, input, index, repeats }));
        if (scale === undefined) throw unsupportedForm({ call, why: "it needs a scale" });
        return steps.finish({ tensor: affine({ steps, normal, scale, shift }) });
    },
};

/** Everything along some axes less its mean, over its deviation. */
export const meanVarianceNormalizationOperator: Operator = {
    supported: "MeanVarianceNormalization",
    attributes: ["axes"],
    translate: (call) => {
        const input = tensorOf({ call, index: 0 });
        const rank = input.shape.length;
        const axes = (intsAttribute({ call, name: "axes" }) ?? [0, 2, 3]).map((axis) => axisOf({ call, axis, rank }));
        const { groups } = groupsAlong({ call, input, axes, keepsAxes: true });
        const steps = createSteps(call);
        const { tensor, factor } = normalised({ steps, input, groups, epsilon: LEAST_VARIANCE });
        return steps.finish({ tensor: steps.combine({ parts: [{ tensor, factor }], label: "normal" }) });
    },
};

/** What the operator without an epsilon adds to a deviation, squared. */
const LEAST_VARIANCE = 1e-18;

function epsilonOf(call: OperatorCall): number {
    return floatAttribute({ call, name: "epsilon", fallback: 1e-5 });
}

type Normalising = { steps: Steps; input: TensorOperand; groups: Groups; epsilon: number };

/** What a normalised tensor must still be multiplied with, and the statistics of its groups. */
type Normal = { tensor: TensorOperand; factor: number; sums: TensorOperand; shares: TensorOperand };

/**
 * With n elements in a group, d = n x - sum, which is exact, and s = 1 / sqrt(sum of d^2 + n^3 epsilon): then
 * (x - mean) / sqrt(variance + epsilon) = sqrt(n) d s. One root and one quotient for a group, two products an element.
 */
function normalised({ steps, input, groups, epsilon }: Normalising): Normal {
    const length = at(groups, 0).length;
    const shape = [groups.length];
    const indices = groupOfEach(groups);
    const spread = (tensor: TensorOperand, label: string) =>
        steps.select({ tensor, indices, shape: input.shape, label });
    const sums = steps.sums({ tensor: input, groups, shape, label: "sums" });
    const parts = [
        { tensor: input, factor: length },
        { tensor: spread(sums, "spreadSums"), factor: -1 },
    ];
    const differences = steps.combine({ parts, label: "differences" });
    const squares = steps.product({ left: differences, right: differences, label: "squares" });
    const variances = steps.sums({ tensor: squares, groups, shape, label: "variances" });
    const raised = steps.combine({ parts: [{ tensor: variances }], bias: length ** 3 * epsilon, label: "raised" });
    const deviations = steps.map({ tensor: raised, draft: { op: "squareRoot" }, label: "deviations" });
    const shares = steps.reciprocal({ tensor: deviations, label: "shares" });
    const quotients = steps.product({ left: differences, right: spread(shares, "spreadShares"), label: "quotients" });
    // Each is at most sqrt(1 - 1 / n); intervals of d and s alone do not show it
    const range = { op: "clamp", min: -1, max: 1, isImplied: true } as const;
    const tensor = steps.map({ tensor: quotients, draft: range, label: "normal" });
    return { tensor, factor: Math.sqrt(length), sums, shares };
}

type Affine = { steps: Steps; normal: Normal; scale: Operand; shift: Operand | undefined };

/** The normalised tensor, scaled and shifted: in one map where both are constants. */
function affine({ steps, normal: { tensor, factor }, scale, shift }: Affine): TensorOperand {
    const { shape } = tensor;
    const bias = shift === undefined ? [] : [{ operand: shift, factor: 1 }];
    if (scale.kind === "constant") {
        const factors = { ...scale, values: scale.values.map((value) => value * factor) };
        const scaled = mixedProduct({ steps, left: tensor, right: factors, shape, label: "scaled" });
        return mixedSum({ steps, terms: [{ operand: scaled, factor: 1 }, ...bias], shape, label: "shifted" });
    }
    const scaled = mixedProduct({ steps, left: tensor, right: scale, shape, label: "scaled" });
    return mixedSum({ steps, terms: [{ operand: scaled, factor }, ...bias], shape, label: "shifted" });
}

type Channels = { call: OperatorCall; input: TensorOperand; index: number; repeats: number };

/** A constant for each channel as one for [1, channel, 1, …]. */
function perChannel({ call, input, index, repeats }: Channels): Operand {
    const operand = operandOf({ call, index });
    const channels = input.shape[1] ?? 1;
    if (operand.kind === "tensor") throw unsupportedForm({ call, why: `input ${index} must be a constant` });
    if (operand.values.length * repeats !== channels) {
        throw unsupportedForm({ call, why: `${operand.values.length} entries do not fit ${channels} channels` });
    }
    const values = Float64Array.from({ length: channels }, (_, channel) =>
        at(operand.values, Math.floor(channel / repeats)),
    );
    return { ...operand, values, shape: [channels, ...input.shape.slice(2).map(() => 1)] };
}
