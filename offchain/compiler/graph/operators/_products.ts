import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import { isInteger } from "../../onnx/dtypes.ts";
import { requireSize } from "../limits.ts";
import { unsupportedForm } from "./_call.ts";
import { createSteps, type Steps } from "./_steps.ts";
import { jointShape } from "./arithmetic.ts";
import { broadcastValues } from "./broadcast.ts";
import type { OperatorCall, TensorOperand } from "./operator.ts";

type Pair = { call: OperatorCall; left: TensorOperand; right: TensorOperand };

/** left * right, element by element. */
export function multiplyTensors({ call, left, right }: Pair): TensorOperand {
    const steps = createSteps(call);
    return steps.finish({ tensor: steps.product({ left, right, label: "product" }) });
}

/** left / right, element by element: where a divisor serves several dividends, by its reciprocal. */
export function divideTensors({ call, left, right }: Pair): TensorOperand {
    if (isInteger(left.dtype)) {
        const why = "whole numbers are divided, and the quotient is rounded; cast to float first, and round after";
        throw unsupportedForm({ call, why });
    }
    const steps = createSteps(call);
    const shape = jointShape({ call, operands: [left, right] });
    if (countOf(right.shape) < countOf(shape)) {
        const share = steps.reciprocal({ tensor: right, label: "reciprocal" });
        return steps.finish({ tensor: steps.product({ left, right: share, label: "quotient" }) });
    }
    const inputs = [left, right].map((tensor) => steps.broadcast({ tensor, shape }).name);
    return steps.finish({ tensor: steps.step({ draft: { op: "divide", inputs }, shape, label: "quotient" }) });
}

/** Matrix product by NumPy's rules: leading axes broadcast, a vector is a row on the left and a column on the right. */
export function matMulTensors({ call, left, right }: Pair): TensorOperand {
    const steps = createSteps(call);
    return steps.finish({ tensor: matrixProduct({ call, steps, left, right }) });
}

/** alpha * left * right, whose operands are matrices that may be read transposed; `added` joins at the end. */
export function gemmTensors({ call, left, right, alpha, transA, transB, added }: Gemm): TensorOperand {
    const steps = createSteps(call);
    const rows = transA ? transposed({ steps, tensor: left }) : left;
    const columns = transB ? transposed({ steps, tensor: right }) : right;
    const product = matrixProduct({ call, steps, left: rows, right: columns });
    const parts = [{ tensor: product, factor: alpha }];
    if (added !== undefined && added.kind === "tensor") {
        parts.push({ tensor: steps.broadcast({ tensor: added.tensor, shape: product.shape }), factor: added.factor });
    }
    const bias = added?.kind === "constant" ? added.values : 0;
    return steps.finish({ tensor: steps.combine({ parts, bias, label: "sum" }) });
}

type Gemm = Pair & { alpha: number; transA: boolean; transB: boolean; added: Added | undefined };

/** What a Gemm adds: numbers of the result's shape, or a tensor times a factor. */
export type Added = { kind: "constant"; values: number[] } | { kind: "tensor"; tensor: TensorOperand; factor: number };

function transposed({ steps, tensor }: { steps: Steps; tensor: TensorOperand }): TensorOperand {
    const [rows, columns] = [at(tensor.shape, 0), at(tensor.shape, 1)];
    const indices = Array.from(
        { length: rows * columns },
        (_, index) => (index % rows) * columns + Math.floor(index / rows),
    );
    return steps.select({ tensor, indices, shape: [columns, rows], label: "transposed" });
}

/** Every product of an element of a row and one of a column, then their sums. */
export function matrixProduct({ call, steps, left, right }: Pair & { steps: Steps }): TensorOperand {
    const [a, b] = [asMatrices(left.shape, "row"), asMatrices(right.shape, "column")];
    const [rows, inner, columns] = [at(a, -2 + a.length), at(a, a.length - 1), at(b, b.length - 1)];
    if (inner !== at(b, b.length - 2) || inner === 0) {
        const why = `a matrix [${left.shape.join(", ")}] does not multiply one of [${right.shape.join(", ")}]`;
        throw unsupportedForm({ call, why });
    }
    const leading = jointShape({
        call,
        operands: [
            { ...left, shape: a.slice(0, -2) },
            { ...right, shape: b.slice(0, -2) },
        ],
    });
    const batches = countOf(leading);
    requireSize({ what: call.where, elements: batches * rows * columns * inner });
    const sizes = { batches, rows, columns, inner };
    const products = [
        { tensor: left, starts: startsOf({ shape: a, leading }), offset: rowOffset },
        { tensor: right, starts: startsOf({ shape: b, leading }), offset: columnOffset },
    ].map(({ tensor, starts, offset }) => spread({ steps, tensor, starts, offset, sizes }));
    const [first, second] = products;
    if (first === undefined || second === undefined) throw new RangeError("A product has two operands");
    const product = steps.product({ left: first, right: second, label: "products" });
    const groups = Array.from({ length: batches * rows * columns }, (_, output) =>
        Array.from({ length: inner }, (_entry, term) => output * inner + term),
    );
    const shape = [
        ...leading,
        ...(left.shape.length === 1 ? [] : [rows]),
        ...(right.shape.length === 1 ? [] : [columns]),
    ];
    return steps.sums({ tensor: product, groups, shape, label: "sums" });
}

function asMatrices(shape: number[], vector: "row" | "column"): number[] {
    if (shape.length !== 1) return shape;
    return vector === "row" ? [1, ...shape] : [...shape, 1];
}

/** Where the matrix of each batch begins. */
function startsOf({ shape, leading }: { shape: number[]; leading: number[] }): number[] {
    const [own, size] = [shape.slice(0, -2), countOf(shape.slice(-2))];
    const values = Array.from({ length: countOf(own) }, (_, index) => index * size);
    return broadcastValues({ source: { shape: own, values }, shape: leading });
}

type Sizes = { batches: number; rows: number; columns: number; inner: number };
type Place = { row: number; column: number; term: number; sizes: Sizes };

const rowOffset = ({ row, term, sizes: { inner } }: Place): number => row * inner + term;
const columnOffset = ({ column, term, sizes: { columns } }: Place): number => term * columns + column;

type Spreading = {
    steps: Steps;
    tensor: TensorOperand;
    starts: number[];
    offset: (place: Place) => number;
    sizes: Sizes;
};

/** The factor that a matrix gives to every product, [batch, row, column, term]. */
function spread({ steps, tensor, starts, offset, sizes }: Spreading): TensorOperand {
    const { rows, columns, inner } = sizes;
    const indices = starts.flatMap((start) =>
        Array.from({ length: rows * columns * inner }, (_, place) => {
            const [output, term] = [Math.floor(place / inner), place % inner];
            return start + offset({ row: Math.floor(output / columns), column: output % columns, term, sizes });
        }),
    );
    return steps.select({ tensor, indices, shape: [indices.length], label: "factors" });
}
