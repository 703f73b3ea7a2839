import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import { axisOf, intAttribute, operandOf, stringAttribute, tensorOf, unsupportedForm } from "./_call.ts";
import { scalarOf } from "./_dims.ts";
import { frontIndex, selectorsOf } from "./_selection.ts";
import { createSteps, type Steps } from "./_steps.ts";
import { flatIndex, linesThrough, scatterComputed } from "./computedIndex.ts";
import type { ConstantOperand, Operand, Operator, OperatorCall, TensorOperand } from "./operator.ts";

/** The data with elements put, or added, at places along an axis. */
export const scatterElementsOperator: Operator = {
    supported: "ScatterElements with reduction none or add",
    attributes: ["axis", "reduction"],
    translate: (call) => {
        const [data, updates] = [operandOf({ call, index: 0 }), operandOf({ call, index: 2 })];
        const indices = operandOf({ call, index: 1 });
        const given = intAttribute({ call, name: "axis", fallback: 0 });
        const axis = axisOf({ call, axis: given, rank: data.shape.length });
        const size = at(data.shape, axis);
        const lines = linesThrough({ call, data: data.shape, index: indices.shape, axis });
        if (updates.shape.join() !== indices.shape.join()) throw misfit({ call, updates, indices });
        const steps = createSteps(call);
        const selectors = selectorsFor({ call, steps, indices, size, others: [data, updates] });
        const hits = lines.flatMap((candidates, update) =>
            candidates.map((position, place) => ({ selector: update * size + place, update, position })),
        );
        const isAdded = isAddition(call);
        const scattered = scatterComputed({ call, steps, data, updates, selectors, hits, isAdded });
        return steps.finish({ tensor: scattered });
    },
};

/** The data with slices put, or added, at coordinates. */
export const scatterNdOperator: Operator = {
    supported: "ScatterND with reduction none or add",
    attributes: ["reduction"],
    translate: (call) => {
        const [data, updates] = [operandOf({ call, index: 0 }), operandOf({ call, index: 2 })];
        const indices = operandOf({ call, index: 1 });
        const depth = indices.shape.at(-1) ?? 0;
        const sizes = data.shape.slice(0, depth);
        const [size, inner] = [countOf(sizes), countOf(data.shape.slice(depth))];
        const wanted = [...indices.shape.slice(0, -1), ...data.shape.slice(depth)];
        if (sizes.length !== depth || updates.shape.join() !== wanted.join()) throw misfit({ call, updates, indices });
        const steps = createSteps(call);
        const flat = flatTuples({ call, steps, indices, sizes });
        const selectors = selectorsFor({ call, steps, indices: flat, size, others: [data, updates] });
        const hits = Array.from({ length: countOf(updates.shape) * size }, (_, hit) => {
            const [update, place] = [Math.floor(hit / size), hit % size];
            const tuple = Math.floor(update / inner);
            return { selector: tuple * size + place, update, position: place * inner + (update % inner) };
        });
        const isAdded = isAddition(call);
        const scattered = scatterComputed({ call, steps, data, updates, selectors, hits, isAdded });
        return steps.finish({ tensor: scattered });
    },
};

/** 1 among 0s, or two other numbers, at the place that an index names. */
export const oneHotOperator: Operator = {
    supported: "OneHot with constant depth and values",
    attributes: ["axis"],
    translate: (call) => {
        const indices = tensorOf({ call, index: 0 });
        const depth = scalarOf({ call, index: 1, what: "the depth" });
        const { off, on } = valuesOf(call);
        const rank = indices.shape.length + 1;
        const axis = axisOf({ call, axis: intAttribute({ call, name: "axis", fallback: -1 }), rank });
        const steps = createSteps(call);
        // One place more at each end takes the indices that name none
        const range = { op: "clamp", min: -depth - 1, max: depth } as const;
        const inside = steps.map({ tensor: indices, draft: range, label: "inside" });
        const width = 2 * depth + 2;
        const selectors = steps.step({
            draft: { op: "oneHot", inputs: [inside.name], min: -depth - 1, depth: width },
            shape: [...indices.shape, width],
            label: "selectors",
        });
        const shape = [...indices.shape.slice(0, axis), depth, ...indices.shape.slice(axis)];
        const inner = countOf(indices.shape.slice(axis));
        const groups = Array.from({ length: countOf(shape) }, (_, output) => {
            const [before, place] = [Math.floor(output / inner / depth), Math.floor(output / inner) % depth];
            const start = (before * inner + (output % inner)) * width;
            return [start + place + 1, start + place + depth + 1];
        });
        const hot = steps.sums({ tensor: selectors, groups, shape, label: "hot" });
        const scaled = steps.combine({ parts: [{ tensor: hot, factor: on - off }], bias: off, label: "values" });
        return steps.finish({ tensor: scaled });
    },
};

function valuesOf(call: OperatorCall): { off: number; on: number } {
    const values = operandOf({ call, index: 2 });
    if (values.kind === "tensor" || values.values.length !== 2) {
        throw unsupportedForm({ call, why: "its values must be two constants" });
    }
    return { off: at(values.values, 0), on: at(values.values, 1) };
}

type Selecting = { call: OperatorCall; steps: Steps; indices: Operand; size: number; others: Operand[] };

/** Selectors of indices that the model computes, or constant ones. */
function selectorsFor({ call, steps, indices, size, others }: Selecting): TensorOperand {
    if (indices.kind === "tensor") {
        return selectorsOf({ steps, index: frontIndex({ steps, index: indices, size }), size });
    }
    const anchor = others.find((operand) => operand.kind === "tensor");
    if (anchor?.kind !== "tensor") throw unsupportedForm({ call, why: "its operands must not all be constants" });
    const values = Array.from(fromFront({ call, indices, size }));
    const bias = values.flatMap((value) => Array.from({ length: size }, (_, place) => (place === value ? 1 : 0)));
    return steps.constants({ like: anchor, values: bias, shape: [values.length, size] });
}

function fromFront({ call, indices, size }: { call: OperatorCall; indices: ConstantOperand; size: number }) {
    return indices.values.map((value) => {
        const place = value < 0 ? value + size : value;
        if (place >= 0 && place < size) return place;
        throw unsupportedForm({ call, why: `index ${value} is outside an axis of ${size}` });
    });
}

type Tuples = { call: OperatorCall; steps: Steps; indices: Operand; sizes: number[] };

function flatTuples({ call, steps, indices, sizes }: Tuples): Operand {
    if (indices.kind === "tensor") return flatIndex({ steps, index: indices, sizes });
    const depth = sizes.length;
    const values = Float64Array.from({ length: indices.values.length / depth }, (_, tuple) =>
        sizes.reduce((flat, size, part) => {
            const own = { ...indices, values: indices.values.slice(tuple * depth + part, tuple * depth + part + 1) };
            return flat * size + at(fromFront({ call, indices: own, size }), 0);
        }, 0),
    );
    return { ...indices, shape: indices.shape.slice(0, -1), values };
}

function isAddition(call: OperatorCall): boolean {
    const reduction = stringAttribute({ call, name: "reduction", fallback: "none" });
    if (reduction !== "none" && reduction !== "add") {
        throw unsupportedForm({ call, why: `reduction ${reduction}; supported are none and add` });
    }
    return reduction === "add";
}

function misfit({ call, updates, indices }: { call: OperatorCall; updates: Operand; indices: Operand }) {
    const why = `updates [${updates.shape.join(", ")}] do not fit indices [${indices.shape.join(", ")}]`;
    return unsupportedForm({ call, why });
}
