import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import { axisOf, constantOf, intAttribute, operandOf, stringAttribute, unsupportedForm } from "./_call.ts";
import { flagOf, intsOf, scalarOf } from "./_dims.ts";
import { forEachElement, positionOf, stridesOf } from "./_indices.ts";
import type { Operand, Operator, OperatorCall } from "./operator.ts";
import { emitSources } from "./sources.ts";

/** Operands one after the other along an axis. */
export const concatOperator: Operator = {
    supported: "Concat",
    attributes: ["axis"],
    translate: (call) => {
        const operands = call.operands.map((_, index) => operandOf({ call, index }));
        const [first] = operands;
        if (first === undefined) throw unsupportedForm({ call, why: "it has no operand" });
        const rank = first.shape.length;
        const axis = axisOf({ call, axis: intAttribute({ call, name: "axis", fallback: 1 }), rank });
        const sides = operands.map(({ shape }) => shape.with(axis, 0).join());
        if (sides.some((side) => side !== sides[0]))
            throw unsupportedForm({ call, why: "the other axes differ in size" });
        const shape = first.shape.with(
            axis,
            operands.reduce((sum, operand) => sum + at(operand.shape, axis), 0),
        );
        let start = 0;
        const sources = operands.map((operand) => {
            const from = start;
            start += at(operand.shape, axis);
            return { operand, indices: placedAt({ call, operand, shape, axis, from }) };
        });
        return emitSources({ call, sources, shape });
    },
};

type Placing = { call: OperatorCall; operand: Operand; shape: number[]; axis: number; from: number };

function placedAt({ call, operand, shape, axis, from }: Placing): number[] {
    const strides = stridesOf(operand.shape);
    const end = from + at(operand.shape, axis);
    return forEachElement({
        call,
        shape,
        offsetOf: (coordinates) => {
            const place = at(coordinates, axis);
            if (place < from || place >= end) return -1;
            return positionOf({ coordinates, strides }) - from * at(strides, axis);
        },
    });
}

/** Parts of a tensor along an axis, one output each. */
export const splitOperator: Operator = {
    supported: "Split into constant sizes",
    attributes: ["axis", "num_outputs", "split"],
    translate: (call) => {
        const input = operandOf({ call, index: 0 });
        const rank = input.shape.length;
        const axis = axisOf({ call, axis: intAttribute({ call, name: "axis", fallback: 0 }), rank });
        const sizes = splitSizes({ call, size: at(input.shape, axis) });
        let start = 0;
        return sizes.map((size, index) => {
            const starts = new Array<number>(rank).fill(0).with(axis, start);
            start += size;
            const steps = new Array<number>(rank).fill(1);
            return sliced({ call, input, starts, steps, shape: input.shape.with(axis, size), index });
        });
    },
};

function splitSizes({ call, size }: { call: OperatorCall; size: number }): number[] {
    const given = intsOf({ call, name: "split", index: 1 });
    const outputs = intAttribute({ call, name: "num_outputs", fallback: call.node.outputs.length });
    const chunk = Math.ceil(size / outputs);
    const sizes = given ?? Array.from({ length: outputs }, (_, index) => Math.min(chunk, size - index * chunk));
    const isWhole = sizes.length === call.node.outputs.length && sizes.reduce((sum, part) => sum + part, 0) === size;
    if (isWhole && sizes.every((part) => part >= 1)) return sizes;
    throw unsupportedForm({ call, why: `an axis of ${size} does not split into [${sizes.join(", ")}]` });
}

/** Part of a tensor: from, to, and in which steps along some axes. */
export const sliceOperator: Operator = {
    supported: "Slice between constant ends",
    attributes: ["axes", "ends", "starts"],
    translate: (call) => {
        const input = operandOf({ call, index: 0 });
        const rank = input.shape.length;
        const starts = intsOf({ call, name: "starts", index: 1 }) ?? [];
        const ends = intsOf({ call, name: "ends", index: 2 }) ?? [];
        const axes = (intsOf({ call, name: "axes", index: 3 }) ?? starts.map((_, index) => index)).map((axis) =>
            axisOf({ call, axis, rank }),
        );
        const steps = intsOf({ call, name: "steps", index: 4 }) ?? starts.map(() => 1);
        if (new Set([starts, ends, axes, steps].map(({ length }) => length)).size !== 1 || steps.includes(0)) {
            throw unsupportedForm({ call, why: "starts, ends, axes and steps do not fit each other" });
        }
        const whole = { starts: input.shape.map(() => 0), steps: input.shape.map(() => 1), shape: [...input.shape] };
        for (const [index, axis] of axes.entries()) {
            const [size, step] = [at(input.shape, axis), at(steps, index)];
            const start = bounded({ value: at(starts, index), size, step });
            const end = bounded({ value: at(ends, index), size, step });
            whole.starts[axis] = start;
            whole.steps[axis] = step;
            whole.shape[axis] = Math.max(0, Math.ceil((end - start) / step));
        }
        if (countOf(whole.shape) === 0) throw unsupportedForm({ call, why: "it takes nothing" });
        return sliced({ call, input, ...whole });
    },
};

/** Backwards, the end before the first element is -1. */
function bounded({ value, size, step }: { value: number; size: number; step: number }): number {
    const fromFront = value < 0 ? value + size : value;
    return step > 0 ? Math.min(Math.max(fromFront, 0), size) : Math.min(Math.max(fromFront, -1), size - 1);
}

type Slicing = {
    call: OperatorCall;
    input: Operand;
    starts: readonly number[];
    steps: readonly number[];
    shape: number[];
    index?: number;
};

function sliced({ call, input, starts, steps, shape, index = 0 }: Slicing): Operand {
    const own = stridesOf(input.shape);
    const first = positionOf({ coordinates: starts, strides: own });
    const strides = own.map((stride, axis) => stride * at(steps, axis));
    const indices = forEachElement({
        call,
        shape,
        offsetOf: (coordinates) => first + positionOf({ coordinates, strides }),
    });
    return emitSources({ call, sources: [{ operand: input, indices }], shape, index });
}

/** Elements put around a tensor; negative pads take some away. */
export const padOperator: Operator = {
    supported: "Pad by constant sizes: constant, reflect, edge, wrap",
    attributes: ["mode", "pads", "value"],
    translate: (call) => {
        const input = operandOf({ call, index: 0 });
        const rank = input.shape.length;
        const { begin, end } = padsOf({ call, rank });
        const mode = stringAttribute({ call, name: "mode", fallback: "constant" });
        const shape = input.shape.map((size, axis) => size + at(begin, axis) + at(end, axis));
        if (shape.some((size) => size < 1)) throw unsupportedForm({ call, why: "its pads leave nothing" });
        const strides = stridesOf(input.shape);
        const indices = forEachElement({
            call,
            shape,
            offsetOf: (coordinates) => {
                let position = 0;
                for (const [axis, size] of input.shape.entries()) {
                    const place = sourceOf({ call, mode, place: at(coordinates, axis) - at(begin, axis), size });
                    if (place === -1) return -1;
                    position += place * at(strides, axis);
                }
                return position;
            },
        });
        const value = fillOf(call);
        return emitSources({
            call,
            sources: [{ operand: input, indices }],
            biasOf: (element) => (indices[element] === -1 ? value : 0),
            shape,
        });
    },
};

function padsOf({ call, rank }: { call: OperatorCall; rank: number }): { begin: number[]; end: number[] } {
    const pads = intsOf({ call, name: "pads", index: 1 }) ?? [];
    const axes = (intsOf({ call, name: "axes", index: 3 }) ?? Array.from({ length: rank }, (_, axis) => axis)).map(
        (axis) => axisOf({ call, axis, rank }),
    );
    if (pads.length !== 2 * axes.length)
        throw unsupportedForm({ call, why: `pads must be ${2 * axes.length} numbers` });
    const [begin, end] = [new Array<number>(rank).fill(0), new Array<number>(rank).fill(0)];
    for (const [index, axis] of axes.entries()) {
        begin[axis] = at(pads, index);
        end[axis] = at(pads, index + axes.length);
    }
    return { begin, end };
}

function fillOf(call: OperatorCall): number {
    const attribute = call.node.attributes.get("value");
    if (attribute?.type === "float" && Number.isFinite(attribute.value)) return attribute.value;
    return call.operands[2] === undefined ? 0 : at(constantOf({ call, index: 2 }).values, 0);
}

/** The element of an axis that a place shows, or -1 for the pad value. */
function sourceOf({
    call,
    mode,
    place,
    size,
}: {
    call: OperatorCall;
    mode: string;
    place: number;
    size: number;
}): number {
    if (place >= 0 && place < size) return place;
    const modulo = (value: number, period: number) => ((value % period) + period) % period;
    switch (mode) {
        case "constant":
            return -1;
        case "edge":
            return place < 0 ? 0 : size - 1;
        case "wrap":
            return modulo(place, size);
        case "reflect": {
            if (size === 1) return 0;
            const within = modulo(place, 2 * (size - 1));
            return within < size ? within : 2 * (size - 1) - within;
        }
        default:
            throw unsupportedForm({ call, why: `mode ${mode} is unknown` });
    }
}

/** A tensor repeated along each axis. */
export const tileOperator: Operator = {
    supported: "Tile by constant repeats",
    attributes: [],
    translate: (call) => {
        const input = operandOf({ call, index: 0 });
        const repeats = [...constantOf({ call, index: 1 }).values];
        if (repeats.length !== input.shape.length || repeats.some((times) => times < 1)) {
            throw unsupportedForm({
                call,
                why: `repeats [${repeats.join(", ")}] do not fit [${input.shape.join(", ")}]`,
            });
        }
        const shape = input.shape.map((size, axis) => size * at(repeats, axis));
        const strides = stridesOf(input.shape);
        const indices = forEachElement({
            call,
            shape,
            offsetOf: (coordinates) => {
                const places = coordinates.map((place, axis) => place % at(input.shape, axis));
                return positionOf({ coordinates: places, strides });
            },
        });
        return emitSources({ call, sources: [{ operand: input, indices }], shape });
    },
};

/** The upper or lower triangle of matrices, zeros elsewhere. */
export const triluOperator: Operator = {
    supported: "Trilu with a constant diagonal",
    attributes: ["upper"],
    translate: (call) => {
        const input = operandOf({ call, index: 0 });
        const { shape } = input;
        if (shape.length < 2) throw unsupportedForm({ call, why: "its input must have two axes or more" });
        const diagonal = call.operands[1] === undefined ? 0 : scalarOf({ call, index: 1, what: "the diagonal" });
        const isUpper = flagOf({ call, name: "upper", fallback: true });
        const strides = stridesOf(shape);
        const indices = forEachElement({
            call,
            shape,
            offsetOf: (coordinates) => {
                const distance = at(coordinates, shape.length - 1) - at(coordinates, shape.length - 2);
                const isKept = isUpper ? distance >= diagonal : distance <= diagonal;
                return isKept ? positionOf({ coordinates, strides }) : -1;
            },
        });
        return emitSources({ call, sources: [{ operand: input, indices }], shape });
    },
};
