import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import { requireSize } from "../limits.ts";
import { constantOf, floatAttribute, intAttribute, operandOf, tensorOf, unsupportedForm } from "./_call.ts";
import { broadcastShape, broadcastValues } from "./broadcast.ts";
import type { ConstantOperand, Operator, OperatorCall } from "./operator.ts";

/** alpha * A * B + beta * C with constant B and C. */
export const gemmOperator: Operator = {
    supported: "Gemm with constant B and C, and transA 0",
    attributes: ["alpha", "beta", "transA", "transB"],
    translate: (call) => {
        const input = tensorOf({ call, index: 0 });
        const matrix = constantOf({ call, index: 1 });
        if (intAttribute({ call, name: "transA", fallback: 0 }) !== 0) {
            throw unsupportedForm({ call, why: "transA must be 0" });
        }
        requireRank({ call, shape: input.shape, rank: 2 });
        requireRank({ call, shape: matrix.shape, rank: 2 });
        const isTransposed = intAttribute({ call, name: "transB", fallback: 0 }) !== 0;
        const alpha = floatAttribute({ call, name: "alpha", fallback: 1 });
        const beta = floatAttribute({ call, name: "beta", fallback: 1 });
        const [first, second] = [at(matrix.shape, 0), at(matrix.shape, 1)];
        const [rows, columns] = isTransposed ? [first, second] : [second, first];
        const positions = at(input.shape, 0);
        requireColumns({ call, columns, actual: at(input.shape, 1) });
        requireSize({ what: call.where, elements: positions * rows, products: positions * rows * columns });
        const weights = isTransposed ? [...matrix.values] : transpose(matrix);
        const shape = [positions, rows];
        const bias =
            call.operands[2] === undefined ? new Array<number>(positions * rows).fill(0) : biasOf({ call, shape });
        return call.emit({
            draft: {
                op: "affine",
                inputs: [input.name],
                kernels: [
                    { kind: "dense", positions, rows, columns, weights: weights.map((weight) => alpha * weight) },
                ],
                bias: bias.map((value) => beta * value),
            },
            shape,
        });
    },
};

/** x * W with a constant matrix W. */
export const matMulOperator: Operator = {
    supported: "MatMul whose right operand is a constant matrix",
    attributes: [],
    translate: (call) => {
        const input = tensorOf({ call, index: 0 });
        const matrix = constantOf({ call, index: 1 });
        requireRank({ call, shape: matrix.shape, rank: 2 });
        const [columns, rows] = [at(matrix.shape, 0), at(matrix.shape, 1)];
        requireColumns({ call, columns, actual: input.shape.at(-1) ?? 1 });
        const leading = input.shape.slice(0, -1);
        const positions = countOf(leading);
        requireSize({ what: call.where, elements: positions * rows, products: positions * rows * columns });
        return call.emit({
            draft: {
                op: "affine",
                inputs: [input.name],
                kernels: [{ kind: "dense", positions, rows, columns, weights: transpose(matrix) }],
                bias: new Array<number>(positions * rows).fill(0),
            },
            shape: [...leading, rows],
        });
    },
};

/** x + c with a constant c. */
export const addOperator: Operator = {
    supported: "Add of a constant that broadcasts to the other operand",
    attributes: [],
    translate: (call) => {
        const [left, right] = [operandOf({ call, index: 0 }), operandOf({ call, index: 1 })];
        const [input, constant] = left.kind === "tensor" ? [left, right] : [right, left];
        if (input.kind !== "tensor" || constant.kind !== "constant") {
            throw unsupportedForm({ call, why: "exactly one operand must be a constant" });
        }
        const shape = broadcastShape({ left: input.shape, right: constant.shape });
        if (shape === undefined || countOf(shape) !== countOf(input.shape)) {
            const why = `[${constant.shape.join(", ")}] does not broadcast to [${input.shape.join(", ")}]`;
            throw unsupportedForm({ call, why });
        }
        return call.emit({
            draft: {
                op: "affine",
                inputs: [input.name],
                kernels: [{ kind: "scale", factors: new Array<number>(countOf(shape)).fill(1) }],
                bias: broadcastValues({ source: constant, shape }),
            },
            shape,
        });
    },
};

function biasOf({ call, shape }: { call: OperatorCall; shape: number[] }): number[] {
    const constant = constantOf({ call, index: 2 });
    const joint = broadcastShape({ left: shape, right: constant.shape });
    if (joint !== undefined && countOf(joint) === countOf(shape) && constant.shape.length <= shape.length) {
        return broadcastValues({ source: constant, shape });
    }
    throw unsupportedForm({
        call,
        why: `C [${constant.shape.join(", ")}] does not broadcast to [${shape.join(", ")}]`,
    });
}

/** [columns][rows] to [rows][columns]. */
function transpose({ shape, values }: ConstantOperand): number[] {
    const [columns, rows] = [at(shape, 0), at(shape, 1)];
    return Array.from({ length: rows * columns }, (_, index) => {
        const [row, column] = [Math.floor(index / columns), index % columns];
        return at(values, column * rows + row);
    });
}

function requireRank({ call, shape, rank }: { call: OperatorCall; shape: readonly number[]; rank: number }): void {
    if (shape.length === rank) return;
    throw unsupportedForm({ call, why: `an operand of shape [${shape.join(", ")}] must have ${rank} axes` });
}

function requireColumns({ call, columns, actual }: { call: OperatorCall; columns: number; actual: number }): void {
    if (columns === actual) return;
    throw unsupportedForm({ call, why: `a matrix of ${columns} columns is applied to ${actual} elements` });
}
