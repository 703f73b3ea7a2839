import { at } from "../../integer/at.ts";
import { countOf, type SparseKernel } from "../../integer/types.ts";
import { requireSize } from "../limits.ts";
import { unsupportedForm } from "./_call.ts";
import { choose, frontIndex } from "./_selection.ts";
import { createSteps, type Steps } from "./_steps.ts";
import type { Operand, OperatorCall, TensorOperand } from "./operator.ts";

type Gathering = { call: OperatorCall; data: Operand; index: TensorOperand; axis: number };

/** Gather along an axis by an index that the model computes. */
export function gatherComputed({ call, data, index, axis }: Gathering): TensorOperand {
    const steps = createSteps(call);
    const size = at(data.shape, axis);
    const [outer, inner] = [countOf(data.shape.slice(0, axis)), countOf(data.shape.slice(axis + 1))];
    const count = countOf(index.shape);
    const shape = [...data.shape.slice(0, axis), ...index.shape, ...data.shape.slice(axis + 1)];
    requireSize({ what: call.where, elements: countOf(shape) * size });
    const outputs = Array.from({ length: outer * count * inner }, (_, output) => {
        const [before, within] = [Math.floor(output / (count * inner)), output % inner];
        return {
            index: Math.floor(output / inner) % count,
            candidates: Array.from({ length: size }, (_place, place) => (before * size + place) * inner + within),
        };
    });
    const front = frontIndex({ steps, index, size });
    return steps.finish({ tensor: choose({ call, steps, data, index: front, size, outputs, shape }) });
}

/** GatherElements along an axis by an index that the model computes. */
export function gatherElementsComputed({ call, data, index, axis }: Gathering): TensorOperand {
    const steps = createSteps(call);
    const size = at(data.shape, axis);
    requireSize({ what: call.where, elements: countOf(index.shape) * size });
    const outputs = linesThrough({ call, data: data.shape, index: index.shape, axis }).map((candidates, output) => ({
        index: output,
        candidates,
    }));
    const front = frontIndex({ steps, index, size });
    return steps.finish({ tensor: choose({ call, steps, data, index: front, size, outputs, shape: index.shape }) });
}

type Lines = { call: OperatorCall; data: readonly number[]; index: readonly number[]; axis: number };

/** For each element of an index the positions in the data along the axis, at the element's other coordinates. */
export function linesThrough({ call, data, index, axis }: Lines): number[][] {
    const fits = index.length === data.length && index.every((size, each) => each === axis || size <= at(data, each));
    if (!fits) {
        const why = `an index of shape [${index.join(", ")}] does not fit data of shape [${data.join(", ")}]`;
        throw unsupportedForm({ call, why });
    }
    const stride = countOf(data.slice(axis + 1));
    return Array.from({ length: countOf(index) }, (_, element) => {
        let [rest, start, step] = [element, 0, 1];
        for (let each = index.length - 1; each >= 0; each--) {
            const coordinate = rest % at(index, each);
            rest = Math.floor(rest / at(index, each));
            if (each !== axis) start += coordinate * step;
            step *= at(data, each);
        }
        return Array.from({ length: at(data, axis) }, (_place, place) => start + place * stride);
    });
}

type GatheringTuples = Omit<Gathering, "axis"> & { batchAxes: number };

/** GatherND by tuples that the model computes: the axes that a tuple indexes are one axis, counted row-major. */
export function gatherTuplesComputed({ call, data, index, batchAxes }: GatheringTuples): TensorOperand {
    const steps = createSteps(call);
    const depth = index.shape.at(-1) ?? 0;
    const batch = countOf(data.shape.slice(0, batchAxes));
    const sizes = data.shape.slice(batchAxes, batchAxes + depth);
    const inner = countOf(data.shape.slice(batchAxes + depth));
    const size = countOf(sizes);
    if (sizes.length !== depth || depth === 0) throw unsupportedForm({ call, why: "its tuples are too long" });
    const shape = [...index.shape.slice(0, -1), ...data.shape.slice(batchAxes + depth)];
    requireSize({ what: call.where, elements: countOf(shape) * size });
    const flat = flatIndex({ steps, index, sizes });
    const tuples = countOf(flat.shape);
    const outputs = Array.from({ length: tuples * inner }, (_, output) => {
        const tuple = Math.floor(output / inner);
        const start = Math.floor(tuple / (tuples / batch)) * size * inner + (output % inner);
        return { index: tuple, candidates: Array.from({ length: size }, (_place, place) => start + place * inner) };
    });
    return steps.finish({ tensor: choose({ call, steps, data, index: flat, size, outputs, shape }) });
}

type Flattening = { steps: Steps; index: TensorOperand; sizes: readonly number[] };

/** Tuples along the last axis as one index each, row-major over the sizes; each part may count from the back. */
export function flatIndex({ steps, index, sizes }: Flattening): TensorOperand {
    const shape = index.shape.slice(0, -1);
    const tuples = countOf(shape);
    const depth = sizes.length;
    const parts = sizes.map((size, part) => {
        const indices = Array.from({ length: tuples }, (_, tuple) => tuple * depth + part);
        const own = steps.select({ tensor: index, indices, shape, label: `part${part}` });
        return { tensor: frontIndex({ steps, index: own, size }), factor: countOf(sizes.slice(part + 1)) };
    });
    return steps.combine({ parts, shape, label: "flat" });
}

type Scattering = {
    call: OperatorCall;
    steps: Steps;
    data: Operand;
    updates: Operand;
    /** [index, place]. */
    selectors: TensorOperand;
    /** Where selector `selector` is 1, update `update` goes to position `position`. */
    hits: { selector: number; update: number; position: number }[];
    isAdded: boolean;
};

/** The data with updates put, or added, where indices of the model say; equal indices have no defined result. */
export function scatterComputed({ call, steps, data, updates, selectors, hits, isAdded }: Scattering): TensorOperand {
    requireSize({ what: call.where, elements: hits.length });
    const chosen = steps.select({
        tensor: selectors,
        indices: hits.map(({ selector }) => selector),
        shape: [hits.length],
        label: "chosen",
    });
    const change = changes({ steps, data, updates, hits, isAdded });
    const changed =
        change.kind === "tensor"
            ? steps.product({ left: chosen, right: change.tensor, label: "changes" })
            : steps.combine({
                  parts: [{ tensor: chosen, kernel: { kind: "scale", factors: change.values } }],
                  label: "changes",
              });
    const kernel = collecting({ hits, count: countOf(data.shape) });
    const parts = [{ tensor: changed, kernel }];
    const own = data.kind === "tensor" ? [{ tensor: data }] : [];
    const bias = data.kind === "constant" ? [...data.values] : 0;
    return steps.combine({ parts: [...own, ...parts], bias, shape: data.shape, label: "scattered" });
}

type Changes = Pick<Scattering, "steps" | "data" | "updates" | "hits" | "isAdded">;
type Change = { kind: "tensor"; tensor: TensorOperand } | { kind: "constant"; values: number[] };

/** What each hit adds: the update, less what it replaces. */
function changes({ steps, data, updates, hits, isAdded }: Changes): Change {
    const sources = [
        { operand: updates, positions: hits.map(({ update }) => update), factor: 1 },
        { operand: data, positions: hits.map(({ position }) => position), factor: -1 },
    ].slice(0, isAdded ? 1 : 2);
    const values = new Array<number>(hits.length).fill(0);
    const parts = sources.flatMap(({ operand, positions, factor }) => {
        if (operand.kind === "tensor") {
            const shape = [positions.length];
            return [{ tensor: steps.select({ tensor: operand, indices: positions, shape, label: "old" }), factor }];
        }
        for (const [hit, position] of positions.entries()) {
            values[hit] = at(values, hit) + factor * at(operand.values, position);
        }
        return [];
    });
    if (parts.length === 0) return { kind: "constant", values };
    return { kind: "tensor", tensor: steps.combine({ parts, bias: values, shape: [hits.length], label: "change" }) };
}

/** Sums the changes of each position. */
function collecting({ hits, count }: { hits: Scattering["hits"]; count: number }): SparseKernel {
    const byPosition = Array.from({ length: count }, (): number[] => []);
    for (const [hit, { position }] of hits.entries()) at(byPosition, position).push(hit);
    const start = [0];
    for (const group of byPosition) start.push((start.at(-1) ?? 0) + group.length);
    const weights = new Array<number>(hits.length).fill(1);
    return { kind: "sparse", from: hits.length, start, index: byPosition.flat(), weights };
}
