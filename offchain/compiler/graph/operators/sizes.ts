import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import { uniformScale } from "../../integer/uniformScale.ts";
import { DTYPE, isInteger } from "../../onnx/dtypes.ts";
import { constantOperand } from "../constants.ts";
import { requireSize } from "../limits.ts";
import { constantOf, intAttribute, operandOf, unsupportedForm } from "./_call.ts";
import { broadcastIndices, jointShape } from "./arithmetic.ts";
import type { Operand, Operator, OperatorCall, TensorOperand } from "./operator.ts";
import { reshaped } from "./reshape.ts";
import { constantResult, emitSources } from "./sources.ts";

/** The shape of a tensor, which is known. */
export const shapeOperator: Operator = {
    supported: "Shape",
    attributes: ["end", "start"],
    translate: (call) => {
        const { shape } = operandOf({ call, index: 0 });
        const end = intAttribute({ call, name: "end", fallback: shape.length });
        const values = shape.slice(intAttribute({ call, name: "start", fallback: 0 }), end);
        return constantResult({ call, values, shape: [values.length] });
    },
};

/** The number of elements of a tensor, which is known. */
export const sizeOperator: Operator = {
    supported: "Size",
    attributes: [],
    translate: (call) => constantResult({ call, values: [countOf(operandOf({ call, index: 0 }).shape)], shape: [] }),
};

/** One number repeated to a constant shape. */
export const constantOfShapeOperator: Operator = {
    supported: "ConstantOfShape of a constant shape",
    attributes: ["value"],
    translate: (call) => {
        const shape = shapeFrom({ call, index: 0 });
        const attribute = call.node.attributes.get("value");
        const value =
            attribute?.type === "tensor" ? constantOperand({ name: "value", tensor: attribute.value }).values[0] : 0;
        return constantResult({ call, values: new Array<number>(countOf(shape)).fill(value ?? 0), shape });
    },
};

/** Numbers from a start by a step to an end, all constant. */
export const rangeOperator: Operator = {
    supported: "Range between constants",
    attributes: [],
    translate: (call) => {
        const [start, limit, delta] = [0, 1, 2].map((index) => at(constantOf({ call, index }).values, 0));
        const count = Math.max(0, Math.ceil(((limit ?? 0) - (start ?? 0)) / (delta ?? 1)));
        if (!Number.isFinite(count)) throw unsupportedForm({ call, why: "its step must not be zero" });
        requireSize({ what: call.where, elements: count });
        const values = Array.from({ length: count }, (_, index) => (start ?? 0) + index * (delta ?? 1));
        return constantResult({ call, values, shape: [count] });
    },
};

/** A tensor repeated to a constant shape that it broadcasts to. */
export const expandOperator: Operator = {
    supported: "Expand to a constant shape",
    attributes: [],
    translate: (call) => {
        const input = operandOf({ call, index: 0 });
        const shape = jointShape({ call, operands: [input, { ...input, shape: shapeFrom({ call, index: 1 }) }] });
        requireSize({ what: call.where, elements: countOf(shape) });
        const indices = broadcastIndices({ call, operand: input, shape });
        return emitSources({ call, sources: [{ operand: input, indices }], shape });
    },
};

/** Another element type: numbers stay what they are, or lose what comes after the point. */
export const castOperator: Operator = {
    supported: "Cast between numbers, not to fewer than 32 bits",
    attributes: ["round_mode", "saturate", "to"],
    translate: (call) => cast({ call, to: call.dtypeOf(0) }),
};

/** The element type of another tensor. */
export const castLikeOperator: Operator = {
    supported: "CastLike between numbers, not to fewer than 32 bits",
    attributes: ["saturate"],
    translate: (call) => cast({ call, to: operandOf({ call, index: 1 }).dtype }),
};

const WIDE_TYPES: ReadonlySet<number> = new Set([DTYPE.INT32, DTYPE.INT64, DTYPE.UINT32, DTYPE.UINT64]);

function cast({ call, to }: { call: OperatorCall; to: number }): Operand {
    const input = operandOf({ call, index: 0 });
    const { dtype, shape } = input;
    const isTruncated = isInteger(to) && to !== DTYPE.BOOL && !isInteger(dtype);
    if (input.kind === "constant") {
        const values = isTruncated ? input.values.map((value) => Math.trunc(value)) : input.values;
        return constantResult({ call, values, shape });
    }
    if (to === DTYPE.BOOL && dtype !== DTYPE.BOOL) return isNotZero({ call, input });
    const isNarrow = isInteger(to) && to !== dtype && !WIDE_TYPES.has(to) && dtype !== DTYPE.BOOL;
    if (isNarrow)
        throw unsupportedForm({ call, why: "numbers beyond an element type of fewer than 32 bits would wrap" });
    return isTruncated ? truncated({ call, input }) : reshaped({ call, input, shape });
}

/** 1 - (x = 0). */
function isNotZero({ call, input }: { call: OperatorCall; input: TensorOperand }): Operand {
    const { shape } = input;
    const zero = call.step({
        draft: { op: "compare", inputs: [input.name], relation: "zero" },
        shape,
        label: "zero",
    });
    const count = countOf(shape);
    const kernels = [uniformScale({ count, factor: -1 })];
    const bias = new Array<number>(count).fill(1);
    return call.emit({ draft: { op: "affine", inputs: [zero.name], kernels, bias }, shape });
}

/** Towards zero: floor(max(x, 0)) - floor(max(-x, 0)). */
function truncated({ call, input }: { call: OperatorCall; input: TensorOperand }): Operand {
    const { shape } = input;
    const count = countOf(shape);
    const times = (factor: number) => uniformScale({ count, factor });
    const none = new Array<number>(count).fill(0);
    const negative = call.step({
        draft: { op: "affine", inputs: [input.name], kernels: [times(-1)], bias: none },
        shape,
        label: "negative",
    });
    const [up, down] = [input, negative].map(({ name }) => {
        const part = call.step({ draft: { op: "relu", inputs: [name] }, shape, label: "part" });
        return call.step({ draft: { op: "round", inputs: [part.name], mode: "floor" }, shape, label: "whole" });
    });
    if (up === undefined || down === undefined) throw new RangeError("Both sides are there");
    return call.emit({
        draft: { op: "affine", inputs: [up.name, down.name], kernels: [times(1), times(-1)], bias: none },
        shape,
    });
}

function shapeFrom({ call, index }: { call: OperatorCall; index: number }): number[] {
    const sizes = [...constantOf({ call, index }).values];
    if (sizes.some((size) => !Number.isInteger(size) || size < 1)) {
        throw unsupportedForm({ call, why: `[${sizes.join(", ")}] is no shape with elements` });
    }
    requireSize({ what: call.where, elements: countOf(sizes) });
    return sizes;
}
