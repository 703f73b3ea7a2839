import { at } from "../../integer/at.ts";
import { countOf } from "../../integer/types.ts";
import { requireSize } from "../limits.ts";
import { axisOf, operandOf } from "./_call.ts";
import { axesOf, flagOf, scalarOf } from "./_dims.ts";
import { forEachElement, positionOf, stridesOf } from "./_indices.ts";
import type { Operand, Operator, OperatorCall } from "./operator.ts";
import { createRows, emitRows, emitSources, everyIndex } from "./sources.ts";

/** Sum over axes. */
export const reduceSumOperator: Operator = {
    supported: "ReduceSum over constant axes",
    attributes: ["axes", "keepdims", "noop_with_empty_axes"],
    translate: (call) => reduced({ call, isMean: false }),
};

/** Mean over axes. */
export const reduceMeanOperator: Operator = {
    supported: "ReduceMean over constant axes",
    attributes: ["axes", "keepdims", "noop_with_empty_axes"],
    translate: (call) => reduced({ call, isMean: true }),
};

/** Running sum along an axis. */
export const cumSumOperator: Operator = {
    supported: "CumSum along a constant axis",
    attributes: ["exclusive", "reverse"],
    translate: (call) => {
        const input = operandOf({ call, index: 0 });
        const { shape } = input;
        const axis = axisOf({ call, axis: scalarOf({ call, index: 1, what: "the axis" }), rank: shape.length });
        const [isExclusive, isReverse] = ["exclusive", "reverse"].map((name) =>
            flagOf({ call, name, fallback: false }),
        );
        const [length, stride] = [at(shape, axis), at(stridesOf(shape), axis)];
        requireSize({ what: call.where, elements: countOf(shape), products: countOf(shape) * length });
        const { rows, add, end } = createRows();
        for (let element = 0; element < countOf(shape); element++) {
            const place = Math.floor(element / stride) % length;
            const first = element - place * stride;
            for (let other = 0; other < length; other++) {
                const isBefore = isReverse ? other > place : other < place;
                if (isBefore || (other === place && !isExclusive)) add(first + other * stride, 1);
            }
            end();
        }
        return emitRows({ call, operand: input, rows, shape });
    },
};

/** Whether axes are reduced, which ones, and whether they stay as axes of size 1. */
export function reductionOf({ call, rank }: { call: OperatorCall; rank: number }): {
    axes: number[];
    keepsAxes: boolean;
} {
    const given = axesOf({ call, index: 1, rank }) ?? [];
    const isNothing = given.length === 0 && flagOf({ call, name: "noop_with_empty_axes", fallback: false });
    const every = Array.from({ length: rank }, (_, axis) => axis);
    const axes = given.length === 0 && !isNothing ? every : given;
    return { axes, keepsAxes: flagOf({ call, name: "keepdims", fallback: true }) };
}

type Reduction = { call: OperatorCall; operand: Operand; axes: readonly number[]; keepsAxes: boolean };

/** The shape that is left, and for every element of the input the position of the output that it belongs to. */
export function reducedLayout({ call, operand: { shape }, axes, keepsAxes }: Reduction) {
    const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const strides = stridesOf(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride));
    const targets = forEachElement({ call, shape, offsetOf: (coordinates) => positionOf({ coordinates, strides }) });
    return { targets, shape: keepsAxes ? kept : shape.filter((_, axis) => !axes.includes(axis)) };
}

/** Sum or mean over axes. */
export function reduceAxes({ isMean, ...reduction }: Reduction & { isMean: boolean }): Operand {
    const { call, operand } = reduction;
    const { targets, shape } = reducedLayout(reduction);
    const length = targets.length / countOf(shape);
    if (length === 1) {
        return emitSources({ call, sources: [{ operand, indices: everyIndex(operand) }], shape });
    }
    const isTrailing = targets.every((target, position) => target === Math.floor(position / length));
    if (isTrailing && operand.kind === "tensor") {
        const weights = new Array<number>(length).fill(isMean ? 1 / length : 1);
        const positions = countOf(shape);
        return call.emit({
            draft: {
                op: "affine",
                inputs: [operand.name],
                kernels: [{ kind: "dense", positions, rows: 1, columns: length, weights }],
                bias: new Array<number>(positions).fill(0),
            },
            shape,
        });
    }
    const members = Array.from({ length: countOf(shape) }, (): number[] => []);
    for (const [position, target] of targets.entries()) at(members, target).push(position);
    const { rows, add, end } = createRows();
    for (const group of members) {
        for (const position of group) add(position, isMean ? 1 / group.length : 1);
        end();
    }
    return emitRows({ call, operand, rows, shape });
}

function reduced({ call, isMean }: { call: OperatorCall; isMean: boolean }): Operand {
    const operand = operandOf({ call, index: 0 });
    return reduceAxes({ call, operand, ...reductionOf({ call, rank: operand.shape.length }), isMean });
}
