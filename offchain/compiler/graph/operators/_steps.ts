import { at } from "../../integer/at.ts";
import { countOf, type Kernel } from "../../integer/types.ts";
import { uniformScale } from "../../integer/uniformScale.ts";
import { requireSize } from "../limits.ts";
import { broadcastIndices, jointShape } from "./arithmetic.ts";
import type { FloatNodeDraft, OperatorCall, TensorOperand } from "./operator.ts";

/** A tensor under a linear map, or times one factor. */
export type Part = { tensor: TensorOperand; kernel?: Kernel; factor?: number };

/**
 * Float nodes for an operator that is made of several; `label` names a step for people. Every step refuses a result
 * that is too large before it is allocated.
 */
export type Steps = {
    /** Sum of the parts, and a constant; without kernels all have the shape of the result. */
    combine: (step: { parts: Part[]; bias?: number | number[]; shape?: number[]; label: string }) => TensorOperand;
    /** Elements by position; 0 for -1. */
    select: (step: { tensor: TensorOperand; indices: number[]; shape: number[]; label: string }) => TensorOperand;
    /** For each group of positions the sum of the elements there. */
    sums: (step: { tensor: TensorOperand; groups: number[][]; shape: number[]; label: string }) => TensorOperand;
    /** For each group of equally many positions the greatest element. */
    greatest: (step: { tensor: TensorOperand; groups: number[][]; shape: number[]; label: string }) => TensorOperand;
    /** The tensor repeated to a shape that it broadcasts to. */
    broadcast: (step: { tensor: TensorOperand; shape: number[] }) => TensorOperand;
    /** Product of two tensors that broadcast to each other. */
    product: (step: { left: TensorOperand; right: TensorOperand; label: string }) => TensorOperand;
    /** Constants as a tensor; `like` is any tensor that there is. */
    constants: (step: { like: TensorOperand; values: number[]; shape: number[] }) => TensorOperand;
    /** A float node that keeps the shape of its first input. */
    map: (step: { tensor: TensorOperand; draft: Mapping; label: string }) => TensorOperand;
    /** A function of `functions.ts`. */
    lookUp: (step: LookUp) => TensorOperand;
    /** 1 / x for each element of a positive tensor. */
    reciprocal: (step: { tensor: TensorOperand; label: string }) => TensorOperand;
    /** Any float node. */
    step: (step: { draft: FloatNodeDraft; shape: number[]; label: string }) => TensorOperand;
    /** Gives an output of the operator its value, the first one unless told. */
    finish: (result: { tensor: TensorOperand; shape?: number[]; index?: number }) => TensorOperand;
};

type LookUp = { tensor: TensorOperand; name: string; parameters?: number[]; greatest?: number; label: string };
type Unnamed<N> = N extends FloatNodeDraft ? Omit<N, "inputs"> : never;
type Mapping = Extract<Unnamed<FloatNodeDraft>, { op: "relu" | "clamp" | "compare" | "squareRoot" | "round" }>;

/** Steps of one operator. */
export function createSteps(call: OperatorCall): Steps {
    const step: Steps["step"] = ({ draft, shape, label }) => {
        requireSize({ what: call.where, elements: countOf(shape) });
        return call.step({ draft, shape, label });
    };

    const combine: Steps["combine"] = ({ parts, bias = 0, shape = at(parts, 0).tensor.shape, label }) => {
        const count = countOf(shape);
        requireSize({ what: call.where, elements: count });
        const kernels = parts.map(({ kernel, factor = 1 }) => kernel ?? uniformScale({ count, factor }));
        const constants = typeof bias === "number" ? new Array<number>(count).fill(bias) : bias;
        const inputs = parts.map(({ tensor }) => tensor.name);
        return step({ draft: { op: "affine", inputs, kernels, bias: constants }, shape, label });
    };

    const select: Steps["select"] = ({ tensor, indices, shape, label }) => {
        const isAll = indices.length === countOf(tensor.shape) && indices.every((index, place) => index === place);
        if (isAll) return step({ draft: { op: "reshape", inputs: [tensor.name] }, shape, label });
        const kernel: Kernel = { kind: "select", from: countOf(tensor.shape), indices };
        return combine({ parts: [{ tensor, kernel }], shape, label });
    };

    const broadcast: Steps["broadcast"] = ({ tensor, shape }) => {
        if (tensor.shape.join() === shape.join()) return tensor;
        const indices = broadcastIndices({ call, operand: tensor, shape });
        return select({ tensor, indices, shape, label: "broadcast" });
    };

    const map: Steps["map"] = ({ tensor, draft, label }) =>
        step({ draft: { ...draft, inputs: [tensor.name] }, shape: tensor.shape, label });

    const constants: Steps["constants"] = ({ like, values, shape }) => {
        const kernel: Kernel = { kind: "select", from: countOf(like.shape), indices: values.map(() => -1) };
        return combine({ parts: [{ tensor: like, kernel }], bias: values, shape, label: "constants" });
    };

    return {
        step,
        combine,
        select,
        broadcast,
        map,
        constants,
        sums: ({ tensor, groups, shape, label }) => {
            const kernel = groupKernel({ from: countOf(tensor.shape), groups });
            return combine({ parts: [{ tensor, kernel }], shape, label });
        },
        greatest: ({ tensor, groups, shape, label }) => {
            const size = at(groups, 0).length;
            const inputs = [tensor.name];
            return step({ draft: { op: "maximum", inputs, size, indices: groups.flat() }, shape, label });
        },
        product: ({ left, right, label }) => {
            const shape = jointShape({ call, operands: [left, right] });
            const inputs = [left, right].map((tensor) => broadcast({ tensor, shape }).name);
            return step({ draft: { op: "product", inputs }, shape, label });
        },
        lookUp: ({ tensor, name, parameters = [], greatest, label }) => {
            const draft = { op: "lookUp" as const, inputs: [tensor.name], function: { name, parameters } };
            const known = greatest === undefined ? draft : { ...draft, greatest };
            return step({ draft: known, shape: tensor.shape, label });
        },
        reciprocal: ({ tensor, label }) => {
            const values = new Array<number>(countOf(tensor.shape)).fill(1);
            const one = constants({ like: tensor, values, shape: tensor.shape });
            return step({ draft: { op: "divide", inputs: [one.name, tensor.name] }, shape: tensor.shape, label });
        },
        finish: ({ tensor, shape = tensor.shape, index = 0 }) =>
            call.emit({ draft: { op: "reshape", inputs: [tensor.name] }, shape, index }),
    };
}

function groupKernel({ from, groups }: { from: number; groups: number[][] }): Kernel {
    const start = [0];
    for (const group of groups) start.push((start.at(-1) ?? 0) + group.length);
    const index = groups.flat();
    return { kind: "sparse", from, start, index, weights: new Array<number>(index.length).fill(1) };
}
