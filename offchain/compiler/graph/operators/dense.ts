import { at } from "../../integer/at.ts";
import { countOf, type Kernel } from "../../integer/types.ts";
import { requireSize } from "../limits.ts";
import { floatAttribute, operandOf, tensorOf, unsupportedForm } from "./_call.ts";
import { flagOf } from "./_dims.ts";
import { type Added, gemmTensors, matMulTensors } from "./_products.ts";
import { broadcastIndices, jointShape } from "./arithmetic.ts";
import { broadcastShape, broadcastValues } from "./broadcast.ts";
import type { ConstantOperand, Operand, Operator, OperatorCall, TensorOperand } from "./operator.ts";
import { createRows, emitRows } from "./sources.ts";

/** alpha * A * B + beta * C; A and B may be read transposed. */
export const gemmOperator: Operator = {
    supported: "Gemm",
    attributes: ["alpha", "beta", "transA", "transB"],
    translate: (call) => {
        const gemm = gemmOf(call);
        const { left, right, rows, inner, columns, transA, added } = gemm;
        requireSize({ what: call.where, elements: rows * columns, products: rows * columns * inner });
        if (left.kind === "tensor" && right.kind === "tensor") return gemmTensors({ ...gemm, left, right });
        if (right.kind === "tensor" || transA) return timesTransposed(gemm);
        const weights = Array.from({ length: columns * inner }, (_, index) => {
            const [column, term] = [Math.floor(index / inner), index % inner];
            return gemm.alpha * at(right.values, placeInRight({ gemm, column, term }));
        });
        const kernel: Kernel = { kind: "dense", positions: rows, rows: columns, columns: inner, weights };
        const tensor = tensorOf({ call, index: 0 });
        return emitKernel({ call, tensor, kernel, shape: [rows, columns], added });
    },
};

/** A Gemm with what its attributes say: A is [rows, inner] and B [inner, columns], once they are transposed. */
type Gemm = {
    call: OperatorCall;
    left: Operand;
    right: Operand;
    rows: number;
    inner: number;
    columns: number;
    alpha: number;
    transA: boolean;
    transB: boolean;
    added: Added | undefined;
};

function gemmOf(call: OperatorCall): Gemm {
    const [left, right] = [operandOf({ call, index: 0 }), operandOf({ call, index: 1 })];
    const transA = flagOf({ call, name: "transA", fallback: false });
    const transB = flagOf({ call, name: "transB", fallback: false });
    if (left.shape.length !== 2 || right.shape.length !== 2) throw misfit({ call, left, right });
    const [rows, inner] = sizesOf({ operand: left, isTransposed: transA });
    const [innerRight, columns] = sizesOf({ operand: right, isTransposed: transB });
    if (inner !== innerRight) throw misfit({ call, left, right });
    const alpha = floatAttribute({ call, name: "alpha", fallback: 1 });
    const added = addedOf({ call, shape: [rows, columns] });
    return { call, left, right, rows, inner, columns, alpha, transA, transB, added };
}

/** Where A is constant or read transposed, sums are written out term by term. */
function timesTransposed(gemm: Gemm): Operand {
    const { call, left, right, rows, inner, columns, alpha, transA, added } = gemm;
    const { rows: sums, add, end } = createRows();
    for (let output = 0; output < rows * columns; output++) {
        const [row, column] = [Math.floor(output / columns), output % columns];
        for (let term = 0; term < inner; term++) {
            const first = transA ? term * rows + row : row * inner + term;
            const second = placeInRight({ gemm, column, term });
            if (right.kind === "constant") add(first, alpha * at(right.values, second));
            else if (left.kind === "constant") add(second, alpha * at(left.values, first));
        }
        end();
    }
    const index = right.kind === "constant" ? 0 : 1;
    const tensor = tensorOf({ call, index });
    const kernel: Kernel = { kind: "sparse", from: countOf(tensor.shape), ...sums };
    return emitKernel({ call, tensor, kernel, shape: [rows, columns], added });
}

function placeInRight({ gemm, column, term }: { gemm: Gemm; column: number; term: number }): number {
    return gemm.transB ? column * gemm.inner + term : term * gemm.columns + column;
}

/** Matrix product by NumPy's rules: leading axes broadcast, a vector is a row on the left and a column on the right. */
export const matMulOperator: Operator = {
    supported: "MatMul",
    attributes: [],
    translate: (call) => {
        const [left, right] = [operandOf({ call, index: 0 }), operandOf({ call, index: 1 })];
        if (left.kind === "tensor" && right.kind === "tensor") return matMulTensors({ call, left, right });
        if (right.kind === "constant" && right.shape.length === 2) return timesMatrix({ call, right });
        return timesMatrices({ call, left, right });
    },
};

/** The common case: one constant matrix for all rows of a tensor. */
function timesMatrix({ call, right }: { call: OperatorCall; right: ConstantOperand }): Operand {
    const tensor = tensorOf({ call, index: 0 });
    const [inner, columns] = [at(right.shape, 0), at(right.shape, 1)];
    if (tensor.shape.at(-1) !== inner) throw misfit({ call, left: tensor, right });
    const leading = tensor.shape.slice(0, -1);
    const positions = countOf(leading);
    requireSize({ what: call.where, elements: positions * columns, products: positions * columns * inner });
    const weights = Array.from({ length: columns * inner }, (_, index) =>
        at(right.values, (index % inner) * columns + Math.floor(index / inner)),
    );
    const kernel: Kernel = { kind: "dense", positions, rows: columns, columns: inner, weights };
    return emitKernel({ call, tensor, kernel, shape: [...leading, columns], added: undefined });
}

/** Constant matrices on either side, one for each batch. */
function timesMatrices({ call, left, right }: { call: OperatorCall; left: Operand; right: Operand }): Operand {
    const a = left.shape.length === 1 ? [1, ...left.shape] : left.shape;
    const b = right.shape.length === 1 ? [...right.shape, 1] : right.shape;
    const [rows, inner, columns] = [a.at(-2) ?? 0, a.at(-1) ?? 0, b.at(-1) ?? 0];
    if (inner !== b.at(-2)) throw misfit({ call, left, right });
    const leading = jointShape({
        call,
        operands: [
            { ...left, shape: a.slice(0, -2) },
            { ...right, shape: b.slice(0, -2) },
        ],
    });
    const batches = countOf(leading);
    requireSize({ what: call.where, elements: batches * rows * columns, products: batches * rows * columns * inner });
    const starts = [a, b].map((shape) => {
        const own = { ...left, shape: shape.slice(0, -2) };
        const matrices = broadcastIndices({ call, operand: own, shape: leading });
        return matrices.map((matrix) => matrix * countOf(shape.slice(-2)));
    });
    const { rows: sums, add, end } = createRows();
    for (let output = 0; output < batches * rows * columns; output++) {
        const [matrix, place] = [Math.floor(output / (rows * columns)), output % (rows * columns)];
        const [row, column] = [Math.floor(place / columns), place % columns];
        for (let term = 0; term < inner; term++) {
            const first = at(at(starts, 0), matrix) + row * inner + term;
            const second = at(at(starts, 1), matrix) + term * columns + column;
            if (right.kind === "constant") add(first, at(right.values, second));
            else if (left.kind === "constant") add(second, at(left.values, first));
        }
        end();
    }
    const shape = [
        ...leading,
        ...(left.shape.length === 1 ? [] : [rows]),
        ...(right.shape.length === 1 ? [] : [columns]),
    ];
    return emitRows({ call, operand: right.kind === "constant" ? left : right, rows: sums, shape });
}

type Emission = {
    call: OperatorCall;
    tensor: TensorOperand;
    kernel: Kernel;
    shape: number[];
    added: Added | undefined;
};

function emitKernel({ call, tensor, kernel, shape, added }: Emission): Operand {
    const zeros = new Array<number>(countOf(shape)).fill(0);
    if (added?.kind !== "tensor") {
        const bias = added === undefined ? zeros : added.values;
        return call.emit({ draft: { op: "affine", inputs: [tensor.name], kernels: [kernel], bias }, shape });
    }
    const index = broadcastIndices({ call, operand: added.tensor, shape });
    const start = Array.from({ length: index.length + 1 }, (_, term) => term);
    const weights = new Array<number>(index.length).fill(added.factor);
    const spread: Kernel = { kind: "sparse", from: countOf(added.tensor.shape), start, index, weights };
    const inputs = [tensor.name, added.tensor.name];
    return call.emit({ draft: { op: "affine", inputs, kernels: [kernel, spread], bias: zeros }, shape });
}

/** beta * C, which broadcasts to the product. */
function addedOf({ call, shape }: { call: OperatorCall; shape: number[] }): Added | undefined {
    if (call.operands[2] === undefined) return undefined;
    const operand = operandOf({ call, index: 2 });
    const beta = floatAttribute({ call, name: "beta", fallback: 1 });
    const joint = broadcastShape({ left: shape, right: operand.shape });
    if (joint === undefined || joint.join() !== shape.join()) {
        const why = `C [${operand.shape.join(", ")}] does not broadcast to [${shape.join(", ")}]`;
        throw unsupportedForm({ call, why });
    }
    if (operand.kind === "tensor") return { kind: "tensor", tensor: operand, factor: beta };
    return { kind: "constant", values: broadcastValues({ source: operand, shape }).map((value) => beta * value) };
}

function sizesOf({ operand: { shape }, isTransposed }: { operand: Operand; isTransposed: boolean }): [number, number] {
    const [rows, columns] = [at(shape, 0), at(shape, 1)];
    return isTransposed ? [columns, rows] : [rows, columns];
}

function misfit({ call, left, right }: { call: OperatorCall; left: Operand; right: Operand }) {
    const why = `a matrix [${left.shape.join(", ")}] does not multiply one of [${right.shape.join(", ")}]`;
    return unsupportedForm({ call, why });
}
