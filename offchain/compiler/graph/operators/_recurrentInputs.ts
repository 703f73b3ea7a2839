import { at } from "../../integer/at.ts";
import { requireSize } from "../limits.ts";
import { constantOf, intAttribute, stringAttribute, tensorOf, unsupportedForm } from "./_call.ts";
import type { State, Weights } from "./_cells.ts";
import { flagOf } from "./_dims.ts";
import type { Steps } from "./_steps.ts";
import type { OperatorCall, TensorOperand } from "./operator.ts";

/** Sizes and the order of axes: [time, batch, …] and [direction, batch, …], or the batch first in both. */
export type Layout = {
    isBatchFirst: boolean;
    times: number;
    batch: number;
    inputs: number;
    size: number;
    directions: number;
};

/** Forward, in reverse, or both. */
export function directionsOf(call: OperatorCall): { isReverse: boolean }[] {
    const direction = stringAttribute({ call, name: "direction", fallback: "forward" });
    switch (direction) {
        case "forward":
            return [{ isReverse: false }];
        case "reverse":
            return [{ isReverse: true }];
        case "bidirectional":
            return [{ isReverse: false }, { isReverse: true }];
        default:
            throw unsupportedForm({ call, why: `direction ${direction} is unknown` });
    }
}

/** Sizes as the weights have them; throws when the input does not fit. */
export function layoutOf({ call, input, gates }: { call: OperatorCall; input: TensorOperand; gates: number }): Layout {
    const isBatchFirst = flagOf({ call, name: "layout", fallback: false });
    const [first = 0, second = 0, inputs = 0] = input.shape;
    const [times, batch] = isBatchFirst ? [second, first] : [first, second];
    const recurrent = constantOf({ call, index: 2 });
    const [directions = 0, , size = 0] = recurrent.shape;
    const layout = { isBatchFirst, times, batch, inputs, size, directions };
    const isSized =
        input.shape.length === 3 &&
        intAttribute({ call, name: "hidden_size", fallback: size }) === size &&
        directions === directionsOf(call).length;
    if (!isSized) throw unsupportedForm({ call, why: "input, weights, hidden_size and direction do not fit" });
    requireShape({ call, index: 1, wanted: [directions, gates * size, inputs] });
    requireShape({ call, index: 2, wanted: [directions, gates * size, size] });
    requireSize({
        what: call.where,
        elements: times * batch * directions * size * gates,
        products: times * batch * directions * size * gates * (inputs + size),
    });
    return layout;
}

function requireShape({ call, index, wanted }: { call: OperatorCall; index: number; wanted: number[] }): void {
    const operand = call.operands[index];
    if (operand === undefined || operand.shape.join() === wanted.join()) return;
    const why = `input ${index} is [${operand.shape.join(", ")}], not [${wanted.join(", ")}]`;
    throw unsupportedForm({ call, why });
}

/** Times of each sample that count; without the input all of them. */
export function sequenceLengths({ call, layout: { times, batch } }: { call: OperatorCall; layout: Layout }): number[] {
    if (call.operands[4] === undefined) return new Array<number>(batch).fill(times);
    const lengths = [...constantOf({ call, index: 4 }).values];
    if (lengths.length === batch && lengths.every((length) => length >= 0 && length <= times)) return lengths;
    throw unsupportedForm({ call, why: `sequence_lens must be ${batch} numbers up to ${times}` });
}

type Weighing = { call: OperatorCall; layout: Layout; gates: number; direction: number; hasCell: boolean };

/** Constants of one direction. */
export function weightsOf({ call, layout, gates, direction, hasCell }: Weighing): Weights {
    const { size, inputs, directions } = layout;
    const slice = (index: number): number[] | undefined => {
        if (call.operands[index] === undefined) return undefined;
        const { values } = constantOf({ call, index });
        const length = values.length / directions;
        return [...values.subarray(direction * length, (direction + 1) * length)];
    };
    requireShape({ call, index: 3, wanted: [directions, 2 * gates * size] });
    if (hasCell) requireShape({ call, index: 7, wanted: [directions, 3 * size] });
    const zeros = new Array<number>(2 * gates * size).fill(0);
    const bias = slice(3) ?? zeros;
    return {
        size,
        inputs,
        input: slice(1) ?? [],
        recurrent: slice(2) ?? [],
        inputBias: bias.slice(0, gates * size),
        recurrentBias: bias.slice(gates * size),
        peepholes: hasCell ? slice(7) : undefined,
    };
}

type First = {
    call: OperatorCall;
    steps: Steps;
    layout: Layout;
    direction: number;
    sample: number;
    hasCell: boolean;
};

/** Where a sample begins in a direction: nothing, constants, or what the model computes. */
export function firstState({ call, steps, layout, direction, sample, hasCell }: First): State {
    const { isBatchFirst, size, directions, batch } = layout;
    const wanted = isBatchFirst ? [batch, directions, size] : [directions, batch, size];
    const start = (isBatchFirst ? sample * directions + direction : direction * batch + sample) * size;
    const initial = (index: number): TensorOperand | undefined => {
        const operand = call.operands[index];
        if (operand === undefined) return undefined;
        requireShape({ call, index, wanted });
        const indices = Array.from({ length: size }, (_, element) => start + element);
        if (operand.kind === "tensor")
            return steps.select({ tensor: operand, indices, shape: [size], label: "initial" });
        const values = indices.map((position) => at(operand.values, position));
        if (values.every((value) => value === 0)) return undefined;
        return steps.constants({ like: tensorOf({ call, index: 0 }), values, shape: [size] });
    };
    return { hidden: initial(5), cell: hasCell ? initial(6) : undefined };
}
