import { at } from "../../integer/at.ts";
import { countOf, type SparseKernel } from "../../integer/types.ts";
import { requireSize } from "../limits.ts";
import type { Steps } from "./_steps.ts";
import type { Operand, OperatorCall, TensorOperand } from "./operator.ts";

/**
 * An index counted from the front: ONNX counts negative ones from the back, and refuses those outside [-size, size),
 * which here become the nearest inside. It costs nothing for an index whose interval is known to be in [0, size).
 */
export function frontIndex({
    steps,
    index,
    size,
}: {
    steps: Steps;
    index: TensorOperand;
    size: number;
}): TensorOperand {
    const departure = `an index outside ${-size}..${size - 1}, which ONNX forbids, is the nearest one inside`;
    const range = { op: "clamp", min: -size, max: size - 1, departure } as const;
    const inside = steps.map({ tensor: index, draft: range, label: "inside" });
    const compare = { op: "compare", relation: "nonNegative" } as const;
    const isFromFront = steps.map({ tensor: inside, draft: compare, label: "isFromFront" });
    const parts = [{ tensor: inside }, { tensor: isFromFront, factor: -size }];
    const counted = steps.combine({ parts, bias: size, label: "counted" });
    return steps.map({ tensor: counted, draft: { op: "clamp", min: 0, max: size - 1 }, label: "index" });
}

type Selectors = { steps: Steps; index: TensorOperand; size: number };

/** [index, place]: 1 where the index is the place, else 0; the index is in [0, size). */
export function selectorsOf({ steps, index, size }: Selectors): TensorOperand {
    const shape = [countOf(index.shape), size];
    return steps.step({
        draft: { op: "oneHot", inputs: [index.name], min: 0, depth: size },
        shape,
        label: "selectors",
    });
}

type Choice = {
    call: OperatorCall;
    steps: Steps;
    /** From which each output chooses. */
    data: Operand;
    /** Counted from the front. */
    index: TensorOperand;
    size: number;
    /** For each output the number of its index, and the position in the data of each of its `size` candidates. */
    outputs: { index: number; candidates: number[] }[];
    shape: number[];
};

/** For each output the candidate that its index names. */
export function choose(choice: Choice): TensorOperand {
    const { call, data, size, outputs } = choice;
    requireSize({ what: call.where, elements: outputs.length * size });
    if (data.kind === "tensor") return chooseComputed({ ...choice, data });
    const columns = sharedColumns(choice);
    return columns === undefined
        ? chooseConstant({ ...choice, values: data.values })
        : lookUpConstant({ ...choice, columns, values: data.values });
}

/** One product for each candidate that may be chosen. */
function chooseComputed({ steps, data, index, size, outputs, shape }: Choice & { data: TensorOperand }): TensorOperand {
    const selectors = selectorsOf({ steps, index, size });
    const flat = [outputs.length, size];
    const left = steps.select({
        tensor: selectors,
        indices: outputs.flatMap((output) => output.candidates.map((_, place) => output.index * size + place)),
        shape: flat,
        label: "chosen",
    });
    const right = steps.select({
        tensor: data,
        indices: outputs.flatMap(({ candidates }) => candidates),
        shape: flat,
        label: "candidates",
    });
    const product = steps.product({ left, right, label: "choices" });
    const groups = outputs.map((_, output) => Array.from({ length: size }, (_entry, place) => output * size + place));
    return steps.sums({ tensor: product, groups, shape, label: "values" });
}

type Constants = Choice & { values: ArrayLike<number> };

/** Candidates that differ from output to output, as weights of the selectors. */
function chooseConstant({ steps, index, size, outputs, shape, values }: Constants): TensorOperand {
    const selectors = selectorsOf({ steps, index, size });
    const kernel: SparseKernel = {
        kind: "sparse",
        from: countOf(selectors.shape),
        start: [...outputs.map((_, output) => output * size), outputs.length * size],
        index: outputs.flatMap((output) => output.candidates.map((_, place) => output.index * size + place)),
        weights: outputs.flatMap(({ candidates }) => candidates.map((position) => at(values, position))),
    };
    return steps.combine({ parts: [{ tensor: selectors, kernel }], shape, label: "values" });
}

/** The candidates by the column that they make, when every index chooses from the same columns. */
function sharedColumns({ outputs, index }: Choice): Map<string, number[]> | undefined {
    const columns = new Map(outputs.map(({ candidates }) => [candidates.join(), candidates]));
    return columns.size * countOf(index.shape) === outputs.length ? columns : undefined;
}

/** A table, whose values are known to be entries of it. */
function lookUpConstant({
    steps,
    index,
    outputs,
    shape,
    columns,
    values,
}: Constants & { columns: Map<string, number[]> }) {
    const order = new Map([...columns.keys()].map((key, column) => [key, column]));
    const entries = [...columns.values()].map((candidates) => candidates.map((position) => at(values, position)));
    const table = steps.step({
        draft: { op: "table", inputs: [index.name], min: 0, columns: entries },
        shape: [countOf(index.shape), columns.size],
        label: "entries",
    });
    const indices = outputs.map((output) => output.index * columns.size + (order.get(output.candidates.join()) ?? 0));
    return steps.select({ tensor: table, indices, shape, label: "values" });
}
