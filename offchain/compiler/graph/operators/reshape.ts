import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import {
    axisOf,
    constantOf,
    intAttribute,
    intsAttribute,
    operandOf,
    stringAttribute,
    unsupportedForm,
} from "./_call.ts";
import { axesOf } from "./_dims.ts";
import { forEachElement, positionOf, stridesOf } from "./_indices.ts";
import type { Operand, Operator, OperatorCall } from "./operator.ts";
import { emitSources } from "./sources.ts";

/** Reshape to a constant shape; 0 copies the size of the same axis, one -1 takes what is left. */
export const reshapeOperator: Operator = {
    supported: "Reshape to a constant shape",
    attributes: ["allowzero"],
    translate: (call) => {
        const input = operandOf({ call, index: 0 });
        const wanted = [...constantOf({ call, index: 1 }).values];
        const copiesZero = intAttribute({ call, name: "allowzero", fallback: 0 }) === 0;
        const known = wanted.map((size, axis) => (size === 0 && copiesZero ? (input.shape[axis] ?? 0) : size));
        const rest = countOf(input.shape) / countOf(known.filter((size) => size !== -1));
        const shape = known.map((size) => (size === -1 ? rest : size));
        if (countOf(shape) !== countOf(input.shape) || shape.some((size) => !Number.isInteger(size) || size < 1)) {
            throw unsupportedForm({ call, why: `[${input.shape.join(", ")}] cannot become [${wanted.join(", ")}]` });
        }
        return reshaped({ call, input, shape });
    },
};

/** Flatten into two axes. */
export const flattenOperator: Operator = {
    supported: "Flatten",
    attributes: ["axis"],
    translate: (call) => {
        const input = operandOf({ call, index: 0 });
        const rank = input.shape.length;
        const given = intAttribute({ call, name: "axis", fallback: 1 });
        const axis = given === rank ? rank : axisOf({ call, axis: given, rank });
        const shape = [countOf(input.shape.slice(0, axis)), countOf(input.shape.slice(axis))];
        return reshaped({ call, input, shape });
    },
};

/** Axes of size 1 are left out. */
export const squeezeOperator: Operator = {
    supported: "Squeeze of constant axes",
    attributes: ["axes"],
    translate: (call) => {
        const input = operandOf({ call, index: 0 });
        const axes = axesOf({ call, index: 1, rank: input.shape.length });
        const isGone = (size: number, axis: number) => (axes === undefined ? size === 1 : axes.includes(axis));
        if (input.shape.some((size, axis) => isGone(size, axis) && size !== 1)) {
            throw unsupportedForm({ call, why: `an axis of [${input.shape.join(", ")}] to squeeze is not of size 1` });
        }
        return reshaped({ call, input, shape: input.shape.filter((size, axis) => !isGone(size, axis)) });
    },
};

/** Axes of size 1 are put in. */
export const unsqueezeOperator: Operator = {
    supported: "Unsqueeze of constant axes",
    attributes: ["axes"],
    translate: (call) => {
        const input = operandOf({ call, index: 0 });
        const count = (intsAttribute({ call, name: "axes" }) ?? [...constantOf({ call, index: 1 }).values]).length;
        const rank = input.shape.length + count;
        const axes = axesOf({ call, index: 1, rank }) ?? [];
        const sizes = [...input.shape];
        const shape = Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : (sizes.shift() ?? 1)));
        return reshaped({ call, input, shape });
    },
};

/** What passes on its input: Identity, Dropout in inference. */
export const identityOperator: Operator = {
    supported: "Identity",
    attributes: [],
    translate: (call) => {
        const input = operandOf({ call, index: 0 });
        return reshaped({ call, input, shape: input.shape });
    },
};

/** Dropout drops nothing in inference. */
export const dropoutOperator: Operator = {
    supported: "Dropout in inference",
    attributes: ["is_test", "ratio", "seed"],
    translate: (call) => {
        const isTraining = call.operands[2] !== undefined && constantOf({ call, index: 2 }).values[0] !== 0;
        if (isTraining) throw unsupportedForm({ call, why: "training_mode must be false" });
        const input = operandOf({ call, index: 0 });
        return reshaped({ call, input, shape: input.shape });
    },
};

/** Axes in another order: reversed unless told. */
export const transposeOperator: Operator = {
    supported: "Transpose",
    attributes: ["perm"],
    translate: (call) => {
        const input = operandOf({ call, index: 0 });
        const rank = input.shape.length;
        const order = intsAttribute({ call, name: "perm" }) ?? input.shape.map((_, axis) => rank - 1 - axis);
        const axes = order.map((axis) => axisOf({ call, axis, rank }));
        if (axes.length !== rank || new Set(axes).size !== rank) {
            throw unsupportedForm({ call, why: `perm [${order.join(", ")}] does not order ${rank} axes` });
        }
        return transposed({ call, input, axes });
    },
};

/** Channels to blocks of pixels. */
export const depthToSpaceOperator: Operator = {
    supported: "DepthToSpace",
    attributes: ["blocksize", "mode"],
    translate: (call) => {
        const input = operandOf({ call, index: 0 });
        const { block, batch, channels, height, width } = blocksOf({ call, input });
        const depth = channels / block ** 2;
        const isRowFirst = stringAttribute({ call, name: "mode", fallback: "DCR" }) === "CRD";
        const split = isRowFirst
            ? [batch, depth, block, block, height, width]
            : [batch, block, block, depth, height, width];
        if (!Number.isInteger(depth))
            throw unsupportedForm({ call, why: `${channels} channels are no blocks of ${block}` });
        const axes = isRowFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
        const shape = [batch, depth, height * block, width * block];
        return transposed({ call, input: { ...input, shape: split }, axes, shape });
    },
};

/** Blocks of pixels to channels. */
export const spaceToDepthOperator: Operator = {
    supported: "SpaceToDepth",
    attributes: ["blocksize"],
    translate: (call) => {
        const input = operandOf({ call, index: 0 });
        const { block, batch, channels, height, width } = blocksOf({ call, input });
        const [rows, columns] = [height / block, width / block];
        if (!Number.isInteger(rows) || !Number.isInteger(columns)) {
            throw unsupportedForm({ call, why: `[${input.shape.join(", ")}] has no blocks of ${block}` });
        }
        const split = [batch, channels, rows, block, columns, block];
        const shape = [batch, channels * block ** 2, rows, columns];
        return transposed({ call, input: { ...input, shape: split }, axes: [0, 3, 5, 1, 2, 4], shape });
    },
};

/** An operand under another shape of as many elements. */
export function reshaped({ call, input, shape }: { call: OperatorCall; input: Operand; shape: number[] }): Operand {
    if (input.kind === "constant") return { ...input, shape };
    return call.emit({ draft: { op: "reshape", inputs: [input.name] }, shape });
}

type Transposition = { call: OperatorCall; input: Operand; axes: number[]; shape?: number[] };

/** An operand with its axes in another order, under that shape or another of as many elements. */
function transposed({ call, input, axes, shape }: Transposition): Operand {
    const walked = axes.map((axis) => at(input.shape, axis));
    const own = stridesOf(input.shape);
    const strides = axes.map((axis) => at(own, axis));
    const indices = forEachElement({
        call,
        shape: walked,
        offsetOf: (coordinates) => positionOf({ coordinates, strides }),
    });
    return emitSources({ call, sources: [{ operand: input, indices }], shape: shape ?? walked });
}

function blocksOf({ call, input }: { call: OperatorCall; input: Operand }) {
    const block = intAttribute({ call, name: "blocksize", fallback: 0 });
    const [batch, channels, height, width, ...others] = input.shape;
    const isImage = batch !== undefined && channels !== undefined && height !== undefined && width !== undefined;
    if (block >= 1 && isImage && others.length === 0) return { block, batch, channels, height, width };
    throw unsupportedForm({ call, why: `blocksize ${block} does not fit [${input.shape.join(", ")}]` });
}
