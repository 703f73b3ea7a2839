import { at } from "../../integer/at.ts";
import { convWindows } from "../../integer/conv.ts";
import { countOf, type Kernel } from "../../integer/types.ts";
import { requireSize } from "../limits.ts";
import { axisOf, intAttribute, operandOf, tensorOf, unsupportedForm } from "./_call.ts";
import { flagOf } from "./_dims.ts";
import { mixedSum, readOf } from "./_mixed.ts";
import { createSteps, type Steps } from "./_steps.ts";
import { jointShape } from "./arithmetic.ts";
import type { ConstantOperand, Operator, OperatorCall, TensorOperand } from "./operator.ts";
import { overhung, pooledSpatial } from "./pool.ts";
import { reducedLayout, reductionOf } from "./reduce.ts";
import { kernelShapeOf, spatialOf, windowOf } from "./windows.ts";

/** 1 for the greatest, -1 for the least: the least is the greatest of what is negated. */
type Sense = 1 | -1;

/** Greatest or least of operands, element by element. */
function extremeOperator(name: string, sense: Sense): Operator {
    return { supported: name, attributes: [], translate: (call) => extremeOf({ call, sense }) };
}

function extremeOf({ call, sense }: { call: OperatorCall; sense: Sense }): TensorOperand {
    const steps = createSteps(call);
    const operands = call.operands.map((_, index) => readOf({ call, index }));
    const shape = jointShape({ call, operands });
    const tensors = operands.filter((operand) => operand.kind === "tensor");
    const limits = operands.filter((operand) => operand.kind === "constant");
    const rivals = tensors.map((tensor) => steps.broadcast({ tensor, shape }));
    const greatest = greatestOf({ steps, rivals, sense, shape });
    const tensor = limits.reduce((x, limit) => limited({ steps, x, limit, sense }), greatest);
    return steps.finish({ tensor });
}

type Rivals = { steps: Steps; rivals: TensorOperand[]; sense: Sense; shape: number[] };

/** All of them in one row, and the greatest of each column. */
function greatestOf({ steps, rivals, sense, shape }: Rivals): TensorOperand {
    const count = countOf(shape);
    if (rivals.length === 1) return at(rivals, 0);
    const parts = rivals.map((tensor, row) => ({
        tensor,
        kernel: rowKernel({ count, rows: rivals.length, row, sense }),
    }));
    const all = steps.combine({ parts, shape: [rivals.length, ...shape], label: "rivals" });
    const groups = Array.from({ length: count }, (_, place) => rivals.map((_tensor, row) => row * count + place));
    const greatest = steps.greatest({ tensor: all, groups, shape, label: "greatest" });
    return sense === 1 ? greatest : negated({ steps, tensor: greatest });
}

type Row = { count: number; rows: number; row: number; sense: Sense };

/** The operand as one row of several, the others being 0. */
function rowKernel({ count, rows, row, sense }: Row): Kernel {
    const start = Array.from({ length: rows * count + 1 }, (_, place) =>
        Math.min(Math.max(place - row * count, 0), count),
    );
    const index = Array.from({ length: count }, (_, place) => place);
    return { kind: "sparse", from: count, start, index, weights: new Array<number>(count).fill(sense) };
}

function negated({ steps, tensor }: { steps: Steps; tensor: TensorOperand }): TensorOperand {
    return steps.combine({ parts: [{ tensor, factor: -1 }], label: "negated" });
}

type Limited = { steps: Steps; x: TensorOperand; limit: ConstantOperand; sense: Sense };

/** max(x, c), or min(x, c): a clamp at one number, else c + max(0, x - c) and its mirror image. */
function limited({ steps, x, limit, sense }: Limited): TensorOperand {
    const [first = 0] = limit.values;
    if (limit.values.every((value) => value === first)) {
        const [min, max] = sense === 1 ? [first, Number.POSITIVE_INFINITY] : [Number.NEGATIVE_INFINITY, first];
        return steps.map({ tensor: x, draft: { op: "clamp", min, max }, label: "limited" });
    }
    const { shape } = x;
    const terms = [
        { operand: x, factor: sense },
        { operand: limit, factor: -sense },
    ];
    const lead = mixedSum({ steps, terms, shape, label: "lead" });
    const gain = steps.map({ tensor: lead, draft: { op: "relu" }, label: "gain" });
    const sum = [
        { operand: limit, factor: 1 },
        { operand: gain, factor: sense },
    ];
    return mixedSum({ steps, terms: sum, shape, label: "limited" });
}

/** Greatest or least along axes. */
function reduceOperator(name: string, sense: Sense): Operator {
    return {
        supported: `${name} over constant axes`,
        attributes: ["axes", "keepdims", "noop_with_empty_axes"],
        translate: (call) => {
            const steps = createSteps(call);
            const operand = tensorOf({ call, index: 0 });
            const reduction = reductionOf({ call, rank: operand.shape.length });
            const { targets, shape } = reducedLayout({ call, operand, ...reduction });
            const groups = Array.from({ length: countOf(shape) }, (): number[] => []);
            for (const [position, target] of targets.entries()) at(groups, target).push(position);
            const given = sense === 1 ? operand : negated({ steps, tensor: operand });
            const greatest = steps.greatest({ tensor: given, groups, shape, label: "greatest" });
            return steps.finish({ tensor: sense === 1 ? greatest : negated({ steps, tensor: greatest }) });
        },
    };
}

/** Greatest under a window that moves over each channel; pads never win. */
const maxPoolOperator: Operator = {
    supported: "MaxPool on a batch of 1, with storage_order 0",
    attributes: ["auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides"],
    translate: (call) => {
        if (intAttribute({ call, name: "storage_order", fallback: 0 }) !== 0) {
            throw unsupportedForm({ call, why: "storage_order must be 0" });
        }
        const tensor = tensorOf({ call, index: 0 });
        const { channels, spatial } = spatialOf({ call, shape: tensor.shape });
        const window = windowOf({ call, spatial, kernel: kernelShapeOf({ call, axes: spatial.length }) });
        const outputSpatial = pooledSpatial({ call, spatial, window });
        const shape = [1, channels, ...outputSpatial];
        const taps = countOf(window.kernel);
        requireSize({ what: call.where, elements: countOf(shape), products: countOf(shape) * taps });
        const covering = overhung({ spatial, window, outputSpatial });
        const offsets = convWindows({ channels, filters: channels, groups: channels, spatial, ...covering });
        const [positions, plane] = [countOf(outputSpatial), countOf(spatial)];
        const groups = Array.from({ length: countOf(shape) }, (_, element) => {
            const position = element % positions;
            const start = Math.floor(element / positions) * plane;
            return withoutPads([...offsets.subarray(position * taps, (position + 1) * taps)]).map((at) => start + at);
        });
        const steps = createSteps(call);
        return steps.finish({ tensor: steps.greatest({ tensor, groups, shape, label: "greatest" }) });
    },
};

/** As many positions, pads replaced by the first that is none: a rival twice changes nothing. */
function withoutPads(offsets: number[]): number[] {
    const first = offsets.find((offset) => offset >= 0);
    if (first === undefined) throw new RangeError("A window lies over pads only");
    return offsets.map((offset) => (offset < 0 ? first : offset));
}

/** Greatest over all spatial axes. */
const globalMaxPoolOperator: Operator = {
    supported: "GlobalMaxPool",
    attributes: [],
    translate: (call) => {
        const tensor = tensorOf({ call, index: 0 });
        const { channels, spatial } = spatialOf({ call, shape: tensor.shape });
        const plane = countOf(spatial);
        const groups = Array.from({ length: channels }, (_, channel) =>
            Array.from({ length: plane }, (_element, offset) => channel * plane + offset),
        );
        const steps = createSteps(call);
        const shape = [1, channels, ...spatial.map(() => 1)];
        return steps.finish({ tensor: steps.greatest({ tensor, groups, shape, label: "greatest" }) });
    },
};

/** Index of the greatest or least element along an axis; of equal ones the first, or the last. */
function indexOperator(name: string, sense: Sense): Operator {
    return {
        supported: name,
        attributes: ["axis", "keepdims", "select_last_index"],
        translate: (call) => {
            const { shape } = operandOf({ call, index: 0 });
            const axis = axisOf({ call, axis: intAttribute({ call, name: "axis", fallback: 0 }), rank: shape.length });
            const [before, length, after] = [shape.slice(0, axis), at(shape, axis), shape.slice(axis + 1)];
            const keepsAxis = flagOf({ call, name: "keepdims", fallback: true });
            const isLast = flagOf({ call, name: "select_last_index", fallback: false });
            const line = { outer: countOf(before), length, inner: countOf(after) };
            return indexOf({ call, sense, isLast, line, shape: [...before, ...(keepsAxis ? [1] : []), ...after] });
        },
    };
}

type Line = { outer: number; length: number; inner: number };
type Index = { call: OperatorCall; sense: Sense; isLast: boolean; line: Line; shape: number[] };

/** The last of equal ones is the first of the line read backwards. */
function indexOf({ call, sense, isLast, line, shape }: Index): TensorOperand {
    const steps = createSteps(call);
    const given = tensorOf({ call, index: 0 });
    const signed = sense === 1 ? given : negated({ steps, tensor: given });
    if (!isLast) return call.emit({ draft: { op: "argMax", inputs: [signed.name], ...line }, shape });
    const indices = backwards(line);
    const reversed = steps.select({ tensor: signed, indices, shape: signed.shape, label: "backwards" });
    const fromEnd = steps.step({ draft: { op: "argMax", inputs: [reversed.name], ...line }, shape, label: "fromEnd" });
    const parts = [{ tensor: fromEnd, factor: -1 }];
    return steps.finish({ tensor: steps.combine({ parts, bias: line.length - 1, label: "index" }) });
}

function backwards({ outer, length, inner }: Line): number[] {
    return Array.from({ length: outer * length * inner }, (_, position) => {
        const place = Math.floor(position / inner) % length;
        return position + (length - 1 - 2 * place) * inner;
    });
}

/** Operators that compare elements with each other. */
export const EXTREME_OPERATORS: readonly (readonly [string, Operator])[] = [
    ["Max", extremeOperator("Max", 1)],
    ["Min", extremeOperator("Min", -1)],
    ["ReduceMax", reduceOperator("ReduceMax", 1)],
    ["ReduceMin", reduceOperator("ReduceMin", -1)],
    ["MaxPool", maxPoolOperator],
    ["GlobalMaxPool", globalMaxPoolOperator],
    ["ArgMax", indexOperator("ArgMax", 1)],
    ["ArgMin", indexOperator("ArgMin", -1)],
];
