import { floatAttribute, tensorOf } from "./_call.ts";
import { type Cell, gruCell, lstmCell, rnnCell, type State, type Weights } from "./_cells.ts";
import { flagOf } from "./_dims.ts";
import { type GateFunction, gateFunctions } from "./_gateFunctions.ts";
import { directionsOf, firstState, type Layout, layoutOf, sequenceLengths, weightsOf } from "./_recurrentInputs.ts";
import { outputsOf, type Ran } from "./_recurrentOutputs.ts";
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
