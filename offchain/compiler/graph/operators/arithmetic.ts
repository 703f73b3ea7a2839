import { at } from "../../integer/at.ts";
import { countOf, type Kernel } from "../../integer/types.ts";
import { isInteger } from "../../onnx/dtypes.ts";
import { constantOf, operandOf, tensorOf, unsupportedForm } from "./_call.ts";
import { forEachElement, positionOf, stridesOf } from "./_indices.ts";
import { divideTensors, multiplyTensors } from "./_products.ts";
import { broadcastShape, broadcastValues } from "./broadcast.ts";
import type { ConstantOperand, Operand, Operator, OperatorCall, TensorOperand } from "./operator.ts";
import { constantResult, emitSources, everyIndex } from "./sources.ts";

/** Sum of two operands. */
export const addOperator: Operator = {
    supported: "Add",
    attributes: [],
    translate: (call) => weightedSum({ call, weights: [1, 1] }),
};

/** Difference of two operands. */
export const subOperator: Operator = {
    supported: "Sub",
    attributes: [],
    translate: (call) => weightedSum({ call, weights: [1, -1] }),
};

/** Sum of any number of operands. */
export const sumOperator: Operator = {
    supported: "Sum",
    attributes: [],
    translate: (call) => weightedSum({ call, weights: call.operands.map(() => 1) }),
};

/** Mean of any number of operands. */
export const meanOperator: Operator = {
    supported: "Mean",
    attributes: [],
    translate: (call) => weightedSum({ call, weights: call.operands.map(() => 1 / call.operands.length) }),
};

/** -x. */
export const negOperator: Operator = {
    supported: "Neg",
    attributes: [],
    translate: (call) => weightedSum({ call, weights: [-1] }),
};

/** Product of two operands. */
export const mulOperator: Operator = {
    supported: "Mul",
    attributes: [],
    translate: (call) => timesConstant(call) ?? multiplyTensors({ call, ...pairOf(call) }),
};

/** Quotient of two operands. */
export const divOperator: Operator = {
    supported: "Div by a constant that is not zero, or by a positive tensor",
    attributes: [],
    translate: (call) => {
        const quotient = overConstant(call);
        if (quotient !== undefined) return quotient;
        const [left, right] = [operandOf({ call, index: 0 }), tensorOf({ call, index: 1 })];
        return divideTensors({
            call,
            left: left.kind === "tensor" ? left : constantLike({ call, left, right }),
            right,
        });
    },
};

/** A constant dividend as a tensor. */
function constantLike({ call, left, right }: { call: OperatorCall; left: ConstantOperand; right: TensorOperand }) {
    const { shape } = left;
    const kernels: Kernel[] = [{ kind: "select", from: countOf(right.shape), indices: [...left.values].map(() => -1) }];
    const draft = { op: "affine" as const, inputs: [right.name], kernels, bias: [...left.values] };
    return call.step({ draft, shape, label: "dividend" });
}

function pairOf(call: OperatorCall) {
    return { left: tensorOf({ call, index: 0 }), right: tensorOf({ call, index: 1 }) };
}

/** The product with a constant, either way round; undefined when neither operand is constant. */
function timesConstant(call: OperatorCall): Operand | undefined {
    const [left, right] = [operandOf({ call, index: 0 }), operandOf({ call, index: 1 })];
    if (left.kind === "constant" && right.kind === "constant") return folded({ call, apply: (a, b) => a * b });
    const [variable, constant] = left.kind === "constant" ? [right, left] : [left, right];
    return constant.kind === "constant" ? scaledBy({ call, operand: variable, constant }) : undefined;
}

/** The quotient by a constant; undefined when the divisor is not constant. */
function overConstant(call: OperatorCall): Operand | undefined {
    const [dividend, divisor] = [operandOf({ call, index: 0 }), operandOf({ call, index: 1 })];
    if (divisor.kind === "tensor") return undefined;
    if (divisor.values.some((value) => value === 0)) throw unsupportedForm({ call, why: "it divides by zero" });
    const isWhole = isInteger(dividend.dtype);
    if (dividend.kind === "constant") {
        return folded({ call, apply: (a, b) => (isWhole ? Math.trunc(a / b) : a / b) });
    }
    if (isWhole && divisor.values.some((value) => value !== 1)) {
        throw unsupportedForm({
            call,
            why: "whole numbers are divided, and the quotient is rounded; cast to float first",
        });
    }
    const constant = { ...divisor, values: divisor.values.map((value) => 1 / value) };
    return scaledBy({ call, operand: dividend, constant });
}

/** The positions that a broadcast to a shape reads. */
export function broadcastIndices({ call, operand, shape }: { call: OperatorCall; operand: Operand; shape: number[] }) {
    if (countOf(operand.shape) === countOf(shape)) return everyIndex(operand);
    const offset = shape.length - operand.shape.length;
    const own = stridesOf(operand.shape);
    const strides = shape.map((_, axis) => (operand.shape[axis - offset] === 1 ? 0 : (own[axis - offset] ?? 0)));
    return forEachElement({ call, shape, offsetOf: (coordinates) => positionOf({ coordinates, strides }) });
}

/** The shape that operands broadcast to; throws when they do not fit. */
export function jointShape({ call, operands }: { call: OperatorCall; operands: readonly Operand[] }): number[] {
    return operands.reduce<number[]>((left, { shape: right }) => {
        const shape = broadcastShape({ left, right });
        if (shape !== undefined) return shape;
        throw unsupportedForm({ call, why: `[${left.join(", ")}] and [${right.join(", ")}] do not broadcast` });
    }, []);
}

function weightedSum({ call, weights }: { call: OperatorCall; weights: readonly number[] }): Operand {
    const operands = weights.map((_, index) => operandOf({ call, index }));
    const shape = jointShape({ call, operands });
    const sources = operands.map((operand, index) => ({
        operand,
        indices: broadcastIndices({ call, operand, shape }),
        factorOf: () => at(weights, index),
    }));
    return emitSources({ call, sources: merged(sources), shape });
}

type Weighted = { operand: Operand; indices: readonly number[]; factorOf: () => number };

/** x + x is 2 x: a node reads no tensor twice in the same way. */
function merged(sources: readonly Weighted[]): Weighted[] {
    const kept: Weighted[] = [];
    for (const source of sources) {
        const twin = kept.findIndex(({ operand }) => operand.kind === "tensor" && operand.name === source.operand.name);
        const { factorOf } = kept[twin] ?? source;
        if (twin === -1) kept.push(source);
        else kept[twin] = { ...source, factorOf: () => factorOf() + source.factorOf() };
    }
    return kept;
}

function scaledBy({ call, operand, constant }: { call: OperatorCall; operand: Operand; constant: ConstantOperand }) {
    const shape = jointShape({ call, operands: [operand, constant] });
    const factors = broadcastValues({ source: constant, shape });
    const indices = broadcastIndices({ call, operand, shape });
    return emitSources({ call, sources: [{ operand, indices, factorOf: (element) => at(factors, element) }], shape });
}

function folded({ call, apply }: { call: OperatorCall; apply: (left: number, right: number) => number }): Operand {
    const [left, right] = [constantOf({ call, index: 0 }), constantOf({ call, index: 1 })];
    const shape = jointShape({ call, operands: [left, right] });
    const others = broadcastValues({ source: right, shape });
    const values = broadcastValues({ source: left, shape }).map((value, index) => apply(value, at(others, index)));
    return constantResult({ call, values, shape });
}
