import { at } from "../../integer/at.ts";
import { countOf, type Kernel, type SparseKernel } from "../../integer/types.ts";
import { roundTo } from "../constants.ts";
import { requireSize } from "../limits.ts";
import { unsupportedForm } from "./_call.ts";
import type { ConstantOperand, Operand, OperatorCall, TensorOperand } from "./operator.ts";

/** What one operand adds to every element of a result. */
export type Source = {
    operand: Operand;
    /** For every element of the result the one it takes, row-major; -1 takes none. */
    indices: readonly number[];
    /** What that element is multiplied by: 1 unless told. */
    factorOf?: (element: number) => number;
};

type Emission = {
    call: OperatorCall;
    sources: readonly Source[];
    shape: number[];
    /** Added to every element: 0 unless told. */
    biasOf?: (element: number) => number;
    /** Which output of the node it is: the first unless told. */
    index?: number;
};

/**
 * The sum of the sources: a constant when all operands are, else the cheapest affine node, or a reshape where nothing
 * but the shape changes.
 */
export function emitSources({ call, sources, shape, biasOf = () => 0, index = 0 }: Emission): Operand {
    requireSize({ what: call.where, elements: countOf(shape), products: sources.length * countOf(shape) });
    const bias = Array.from({ length: countOf(shape) }, (_, element) => biasOf(element));
    const tensors: TensorSource[] = [];
    for (const { operand, ...source } of sources) {
        if (operand.kind === "tensor") tensors.push({ operand, ...source });
        else addConstant({ bias, source: { operand, ...source } });
    }
    const [first, ...others] = disjoint(tensors);
    if (first === undefined) return constantResult({ call, values: bias, shape, index });
    const isCopy = others.length === 0 && isWhole(first) && isPlain(first) && bias.every((value) => value === 0);
    if (isCopy) return call.emit({ draft: { op: "reshape", inputs: [first.operand.name] }, shape, index });
    const kernels = [first, ...others].map(kernelOf);
    const inputs = [first, ...others].map(({ operand }) => operand.name);
    return call.emit({ draft: { op: "affine", inputs, kernels, bias }, shape, index });
}

type TensorSource = Source & { operand: TensorOperand };

/** Sources as they are, but those that take elements of one tensor for different places are one source. */
function disjoint(sources: readonly TensorSource[]): TensorSource[] {
    const kept: TensorSource[] = [];
    for (const source of sources) {
        const twin = kept.findIndex((other) => {
            const isFree = other.indices.every((index, element) => index < 0 || at(source.indices, element) < 0);
            return other.operand.name === source.operand.name && isFree && isPlain(other) && isPlain(source);
        });
        const other = kept[twin];
        if (other === undefined) kept.push(source);
        else {
            const indices = other.indices.map((index, element) => (index < 0 ? at(source.indices, element) : index));
            kept[twin] = { operand: other.operand, indices };
        }
    }
    return kept;
}

/** A known result, rounded as onnxruntime's element type would round it. */
export function constantResult({
    call,
    values,
    shape,
    index = 0,
}: {
    call: OperatorCall;
    values: ArrayLike<number>;
    shape: number[];
    index?: number;
}): ConstantOperand {
    const dtype = call.dtypeOf(index);
    const rounded = roundTo({ dtype, values });
    if (rounded === undefined) throw unsupportedForm({ call, why: "a constant leaves the whole numbers below 2^53" });
    return { kind: "constant", name: call.node.outputs[index] ?? "", dtype, shape, values: rounded };
}

type Rows = Omit<SparseKernel, "kind" | "from">;

/** A sum of weighted elements for every element of the result; no row of a large tensor needs to be written out twice. */
export function emitRows({
    call,
    operand,
    rows,
    shape,
    bias = new Array<number>(countOf(shape)).fill(0),
}: {
    call: OperatorCall;
    operand: Operand;
    rows: Rows;
    shape: number[];
    bias?: number[];
}): Operand {
    const kernel: Kernel = { kind: "sparse", from: countOf(operand.shape), ...rows };
    if (operand.kind === "tensor") {
        return call.emit({ draft: { op: "affine", inputs: [operand.name], kernels: [kernel], bias }, shape });
    }
    const values = bias.map((value, element) => {
        let sum = value;
        for (let term = at(rows.start, element); term < at(rows.start, element + 1); term++) {
            sum += at(rows.weights, term) * at(operand.values, at(rows.index, term));
        }
        return sum;
    });
    return constantResult({ call, values, shape });
}

/** Collects the rows of a sparse kernel one after the other. */
export function createRows(): { add: (index: number, weight: number) => void; end: () => void; rows: Rows } {
    const rows: Rows = { start: [0], index: [], weights: [] };
    return {
        rows,
        add: (index, weight) => {
            rows.index.push(index);
            rows.weights.push(weight);
        },
        end: () => rows.start.push(rows.index.length),
    };
}

/** Every element of an operand where it is. */
export function everyIndex(operand: Operand): number[] {
    return Array.from({ length: countOf(operand.shape) }, (_, index) => index);
}

function addConstant({ bias, source }: { bias: number[]; source: Source & { operand: ConstantOperand } }): void {
    const { operand, indices, factorOf = () => 1 } = source;
    for (const [element, index] of indices.entries()) {
        if (index >= 0) bias[element] = at(bias, element) + factorOf(element) * at(operand.values, index);
    }
}

function kernelOf(source: Source): Kernel {
    const { operand, indices, factorOf = () => 1 } = source;
    const from = countOf(operand.shape);
    if (isWhole(source)) return { kind: "scale", factors: indices.map((_, element) => factorOf(element)) };
    if (isPlain(source)) return { kind: "select", from, indices: [...indices] };
    const { rows, add, end } = createRows();
    for (const [element, index] of indices.entries()) {
        if (index >= 0) add(index, factorOf(element));
        end();
    }
    return { kind: "sparse", from, ...rows };
}

function isWhole({ operand, indices }: Source): boolean {
    return indices.length === countOf(operand.shape) && indices.every((index, element) => index === element);
}

function isPlain({ indices, factorOf = () => 1 }: Source): boolean {
    return indices.every((index, element) => index < 0 || factorOf(element) === 1);
}
