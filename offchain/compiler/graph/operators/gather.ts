import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import { axisOf, constantOf, intAttribute, operandOf, unsupportedForm } from "./_call.ts";
import { forEachElement, positionOf, stridesOf } from "./_indices.ts";
import { gatherComputed, gatherElementsComputed, gatherTuplesComputed } from "./computedIndex.ts";
import type { ConstantOperand, Operand, Operator, OperatorCall } from "./operator.ts";
import { emitSources } from "./sources.ts";

/** Slices along an axis. */
export const gatherOperator: Operator = {
    supported: "Gather",
    attributes: ["axis"],
    translate: (call) => {
        const [data, index] = [operandOf({ call, index: 0 }), operandOf({ call, index: 1 })];
        if (index.kind === "constant") return gatherConstant(call);
        const given = intAttribute({ call, name: "axis", fallback: 0 });
        const axis = axisOf({ call, axis: given, rank: data.shape.length });
        return gatherComputed({ call, data, index, axis });
    },
};

/** Elements along an axis. */
export const gatherElementsOperator: Operator = {
    supported: "GatherElements",
    attributes: ["axis"],
    translate: (call) => {
        const [data, index] = [operandOf({ call, index: 0 }), operandOf({ call, index: 1 })];
        if (index.kind === "constant") return gatherElementsConstant(call);
        const given = intAttribute({ call, name: "axis", fallback: 0 });
        const axis = axisOf({ call, axis: given, rank: data.shape.length });
        return gatherElementsComputed({ call, data, index, axis });
    },
};

/** Slices by coordinates. */
export const gatherNdOperator: Operator = {
    supported: "GatherND",
    attributes: ["batch_dims"],
    translate: (call) => {
        const [data, index] = [operandOf({ call, index: 0 }), operandOf({ call, index: 1 })];
        if (index.kind === "constant") return gatherNdConstant(call);
        const batchAxes = intAttribute({ call, name: "batch_dims", fallback: 0 });
        return gatherTuplesComputed({ call, data, index, batchAxes });
    },
};

type Gathering = { call: OperatorCall; data: Operand; indices: ConstantOperand };

/** Slices of the data along an axis, by constant indices. */
export function gatherConstant(call: OperatorCall): Operand {
    const { data, indices } = operandsOf(call);
    const rank = data.shape.length;
    const axis = axisOf({ call, axis: intAttribute({ call, name: "axis", fallback: 0 }), rank });
    const shape = [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)];
    const [own, places] = [stridesOf(data.shape), stridesOf(indices.shape)];
    const offsetOf = (coordinates: readonly number[]) => {
        const inner = coordinates.slice(axis, axis + places.length);
        const chosen = at(indices.values, positionOf({ coordinates: inner, strides: places }));
        const source = [
            ...coordinates.slice(0, axis),
            within({ call, index: chosen, size: at(data.shape, axis) }),
            ...coordinates.slice(axis + places.length),
        ];
        return positionOf({ coordinates: source, strides: own });
    };
    return emitSources({
        call,
        sources: [{ operand: data, indices: forEachElement({ call, shape, offsetOf }) }],
        shape,
    });
}

/** For every place the element whose coordinate along an axis is a constant index. */
export function gatherElementsConstant(call: OperatorCall): Operand {
    const { data, indices } = operandsOf(call);
    const rank = data.shape.length;
    const axis = axisOf({ call, axis: intAttribute({ call, name: "axis", fallback: 0 }), rank });
    const isInside = indices.shape.every((size, other) => other === axis || size <= (data.shape[other] ?? 0));
    if (indices.shape.length !== rank || !isInside) throw misfit({ call, data, indices });
    const [own, places] = [stridesOf(data.shape), stridesOf(indices.shape)];
    const offsetOf = (coordinates: readonly number[]) => {
        const chosen = at(indices.values, positionOf({ coordinates, strides: places }));
        const place = within({ call, index: chosen, size: at(data.shape, axis) });
        return positionOf({ coordinates: coordinates.with(axis, place), strides: own });
    };
    const { shape } = indices;
    return emitSources({
        call,
        sources: [{ operand: data, indices: forEachElement({ call, shape, offsetOf }) }],
        shape,
    });
}

/** Slices of the data at constant coordinates. */
export function gatherNdConstant(call: OperatorCall): Operand {
    const { data, indices } = operandsOf(call);
    const batch = intAttribute({ call, name: "batch_dims", fallback: 0 });
    const depth = indices.shape.at(-1) ?? 0;
    const outer = indices.shape.slice(0, -1);
    const isBatched = data.shape.slice(0, batch).join() === indices.shape.slice(0, batch).join();
    if (!isBatched || batch + depth > data.shape.length) throw misfit({ call, data, indices });
    const shape = [...outer, ...data.shape.slice(batch + depth)];
    const [own, places] = [stridesOf(data.shape), stridesOf(indices.shape)];
    const offsetOf = (coordinates: readonly number[]) => {
        const row = positionOf({ coordinates: [...coordinates.slice(0, outer.length), 0], strides: places });
        const chosen = Array.from({ length: depth }, (_, place) =>
            within({ call, index: at(indices.values, row + place), size: at(data.shape, batch + place) }),
        );
        const source = [...coordinates.slice(0, batch), ...chosen, ...coordinates.slice(outer.length)];
        return positionOf({ coordinates: source, strides: own });
    };
    return emitSources({
        call,
        sources: [{ operand: data, indices: forEachElement({ call, shape, offsetOf }) }],
        shape,
    });
}

function operandsOf(call: OperatorCall): Gathering {
    const [data, indices] = [operandOf({ call, index: 0 }), constantOf({ call, index: 1 })];
    if (countOf(indices.shape) === 0) throw misfit({ call, data, indices });
    return { call, data, indices };
}

/** An index from the front; negative ones count from the end. */
function within({ call, index, size }: { call: OperatorCall; index: number; size: number }): number {
    const fromFront = index < 0 ? index + size : index;
    if (Number.isInteger(fromFront) && fromFront >= 0 && fromFront < size) return fromFront;
    throw unsupportedForm({ call, why: `index ${index} is outside an axis of ${size}` });
}

function misfit({ call, data, indices }: Gathering) {
    const why = `indices [${indices.shape.join(", ")}] do not fit data [${data.shape.join(", ")}]`;
    return unsupportedForm({ call, why });
}
