import { at } from "../../integer/at.ts";
import { countOf, type Kernel } from "../../integer/types.ts";
import { requireSize } from "../limits.ts";
import { constantOf, floatAttribute, intAttribute, stringAttribute, tensorOf, unsupportedForm } from "./_call.ts";
import { type Cell, gruCell, lstmCell, rnnCell, type State, type Weights } from "./_cells.ts";
import { flagOf } from "./_dims.ts";
import { type GateFunction, gateFunctions } from "./_gateFunctions.ts";
import { createSteps, type Steps } from "./_steps.ts";
import type { Operand, Operator, OperatorCall, TensorOperand } from "./operator.ts";

const ATTRIBUTES = ["activation_alpha", "activation_beta", "activations", "clip", "direction", "hidden_size", "layout"];

/** A simple recurrent network, unrolled. */
export const rnnOperator: Operator = {
    supported: "RNN with constant weights",
    attributes: ATTRIBUTES,
    translate: (call) => unrolled({ call, gates: 1, defaults: ["Tanh"], cell: rnnCell, hasCell: false }),
};

/** Gated recurrent units, unrolled. */
export const gruOperator: Operator = {
    supported: "GRU with constant weights",
    attributes: [...ATTRIBUTES, "linear_before_reset"],
    translate: (call) => {
        const isLinearBeforeReset = flagOf({ call, name: "linear_before_reset", fallback: false });
        const cell = gruCell({ isLinearBeforeReset });
        return unrolled({ call, gates: 3, defaults: ["Sigmoid", "Tanh"], cell, hasCell: false });
    },
};

/** Long short-term memory, unrolled. */
export const lstmOperator: Operator = {
    supported: "LSTM with constant weights",
    attributes: [...ATTRIBUTES, "input_forget"],
    translate: (call) => {
        const cell = lstmCell({ isCoupled: flagOf({ call, name: "input_forget", fallback: false }) });
        return unrolled({ call, gates: 4, defaults: ["Sigmoid", "Tanh", "Tanh"], cell, hasCell: true });
    },
};

type Network = { call: OperatorCall; gates: number; defaults: readonly string[]; cell: Cell; hasCell: boolean };

/** Sizes and the order of axes: [time, batch, …] and [direction, batch, …], or the batch first in both. */
type Layout = { isBatchFirst: boolean; times: number; batch: number; inputs: number; size: number; directions: number };

function unrolled({ call, gates, defaults, cell, hasCell }: Network): (Operand | undefined)[] {
    const input = tensorOf({ call, index: 0 });
    const layout = layoutOf({ call, input, gates });
    const directions = directionsOf(call);
    const functions = gateFunctions({ call, defaults, directions: directions.length });
    const clip = call.node.attributes.has("clip") ? floatAttribute({ call, name: "clip", fallback: 0 }) : undefined;
    const lengths = sequenceLengths({ call, layout });
    const steps = createSteps(call);
    const runs = directions.flatMap(({ isReverse }, direction) =>
        lengths.map((length, sample) => {
            const weights = weightsOf({ call, layout, gates, direction, hasCell });
            const own = functions[direction] ?? [];
            const state = firstState({ call, steps, layout, direction, sample, hasCell });
            const times = Array.from({ length }, (_, time) => (isReverse ? length - 1 - time : time));
            return run({ steps, input, layout, cell, weights, functions: own, clip, state, times, direction, sample });
        }),
    );
    return outputsOf({ call, steps, input, layout, runs, hasCell });
}

function directionsOf(call: OperatorCall): { isReverse: boolean }[] {
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

function layoutOf({ call, input, gates }: { call: OperatorCall; input: TensorOperand; gates: number }): Layout {
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
function sequenceLengths({ call, layout: { times, batch } }: { call: OperatorCall; layout: Layout }): number[] {
    if (call.operands[4] === undefined) return new Array<number>(batch).fill(times);
    const lengths = [...constantOf({ call, index: 4 }).values];
    if (lengths.length === batch && lengths.every((length) => length >= 0 && length <= times)) return lengths;
    throw unsupportedForm({ call, why: `sequence_lens must be ${batch} numbers up to ${times}` });
}

type Weighing = { call: OperatorCall; layout: Layout; gates: number; direction: number; hasCell: boolean };

function weightsOf({ call, layout, gates, direction, hasCell }: Weighing): Weights {
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

function firstState({ call, steps, layout, direction, sample, hasCell }: First): State {
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

type Run = {
    steps: Steps;
    input: TensorOperand;
    layout: Layout;
    cell: Cell;
    weights: Weights;
    functions: readonly GateFunction[];
    clip: number | undefined;
    state: State;
    times: number[];
    direction: number;
    sample: number;
};

/** One sample in one direction: the state after each time, and the last one. */
type Ran = { direction: number; sample: number; hidden: Map<number, TensorOperand>; last: State };

function run({ steps, input, layout, cell, weights, functions, clip, state, times, direction, sample }: Run): Ran {
    const { isBatchFirst, inputs, batch } = layout;
    const hidden = new Map<number, TensorOperand>();
    let last = state;
    for (const time of times) {
        const label = `${direction}.${sample}.${time}`;
        const start = (isBatchFirst ? sample * layout.times + time : time * batch + sample) * inputs;
        const indices = Array.from({ length: inputs }, (_, element) => start + element);
        const own = steps.select({ tensor: input, indices, shape: [inputs], label: `${label}/x` });
        const next = cell({ steps, weights, functions, clip, input: own, state: last, label });
        hidden.set(time, next.hidden);
        last = next;
    }
    return { direction, sample, hidden, last };
}

type Outputs = {
    call: OperatorCall;
    steps: Steps;
    input: TensorOperand;
    layout: Layout;
    runs: Ran[];
    hasCell: boolean;
};

/** Y, Y_h and Y_c as far as they are wanted. */
function outputsOf({ call, steps, input, layout, runs, hasCell }: Outputs): (Operand | undefined)[] {
    const { isBatchFirst, times, batch, size, directions } = layout;
    const isWanted = (index: number) => (call.node.outputs[index] ?? "") !== "";
    const every = isBatchFirst ? [batch, times, directions, size] : [times, directions, batch, size];
    const last = isBatchFirst ? [batch, directions, size] : [directions, batch, size];
    const blockOf = ({ direction, sample }: Ran) =>
        isBatchFirst ? sample * directions + direction : direction * batch + sample;
    const everyBlock = ({ direction, sample }: Ran, time: number) =>
        isBatchFirst
            ? (sample * times + time) * directions + direction
            : (time * directions + direction) * batch + sample;
    const gathered = ({ blocks, shape, index }: { blocks: Block[]; shape: number[]; index: number }) =>
        steps.finish({ tensor: joined({ steps, input, blocks, size, shape }), index });
    const states = (part: keyof State): Block[] =>
        runs.flatMap((ran) => {
            const tensor = ran.last[part];
            return tensor === undefined ? [] : [{ tensor, block: blockOf(ran) }];
        });
    const all = runs.flatMap((ran) =>
        [...ran.hidden].map(([time, tensor]): Block => ({ tensor, block: everyBlock(ran, time) })),
    );
    return [
        isWanted(0) ? gathered({ blocks: all, shape: every, index: 0 }) : undefined,
        isWanted(1) ? gathered({ blocks: states("hidden"), shape: last, index: 1 }) : undefined,
        hasCell && isWanted(2) ? gathered({ blocks: states("cell"), shape: last, index: 2 }) : undefined,
    ];
}

type Block = { tensor: TensorOperand; block: number };
type Joining = { steps: Steps; input: TensorOperand; blocks: Block[]; size: number; shape: number[] };

/** Tensors of `size` elements side by side; what none of them fills is 0. */
function joined({ steps, input, blocks, size, shape }: Joining): TensorOperand {
    const count = countOf(shape);
    if (blocks.length === 0) return steps.constants({ like: input, values: new Array<number>(count).fill(0), shape });
    const parts = blocks.map(({ tensor, block }) => {
        const indices = new Array<number>(count).fill(-1);
        for (let element = 0; element < size; element++) indices[block * size + element] = element;
        const kernel: Kernel = { kind: "select", from: size, indices };
        return { tensor, kernel };
    });
    return steps.combine({ parts, shape, label: "joined" });
}
