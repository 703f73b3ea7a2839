import { at } from "../../integer/at.ts";
import type { Kernel } from "../../integer/types.ts";
import type { GateFunction } from "./_gateFunctions.ts";
import type { Part, Steps } from "./_steps.ts";
import type { TensorOperand } from "./operator.ts";

/** Weights of one direction; rows come in blocks of `size`, one for each gate in the operator's order. */
export type Weights = {
    size: number;
    inputs: number;
    /** [gates * size][inputs]. */
    input: readonly number[];
    /** [gates * size][size]. */
    recurrent: readonly number[];
    /** [gates * size], of the input and of the state. */
    inputBias: readonly number[];
    recurrentBias: readonly number[];
    /** [gates with a peephole * size]. */
    peepholes: readonly number[] | undefined;
};

/** What a cell keeps from one step to the next; undefined is all zeros. */
export type State = { hidden: TensorOperand | undefined; cell: TensorOperand | undefined };

/** One step of a recurrent network. */
export type Cell = (step: {
    steps: Steps;
    weights: Weights;
    functions: readonly GateFunction[];
    /** Bound of what the functions are applied to. */
    clip: number | undefined;
    input: TensorOperand;
    state: State;
    label: string;
}) => { hidden: TensorOperand; cell: TensorOperand | undefined };

type Summing = {
    steps: Steps;
    weights: Weights;
    gate: number;
    clip: number | undefined;
    /** Of the input's weights. */
    input: TensorOperand;
    /** Of the state's weights. */
    hidden: TensorOperand | undefined;
    extra?: Part[];
    hasRecurrentBias?: boolean;
    label: string;
};

/** W x + R h + biases, and what else comes in, for one gate; clipped when the operator says so. */
function gateSum(summing: Summing): TensorOperand {
    const { steps, weights, gate, clip, input, hidden, extra = [], hasRecurrentBias = true, label } = summing;
    const { size, inputs } = weights;
    const rows = { first: gate * size, size };
    const parts: Part[] = [
        { tensor: input, kernel: block({ ...rows, columns: inputs, weights: weights.input }) },
        ...(hidden === undefined
            ? []
            : [{ tensor: hidden, kernel: block({ ...rows, columns: size, weights: weights.recurrent }) }]),
        ...extra,
    ];
    const bias = Array.from({ length: size }, (_, row) => {
        const own = at(weights.inputBias, rows.first + row);
        return hasRecurrentBias ? own + at(weights.recurrentBias, rows.first + row) : own;
    });
    const sum = steps.combine({ parts, bias, shape: [size], label });
    if (clip === undefined) return sum;
    return steps.map({ tensor: sum, draft: { op: "clamp", min: -clip, max: clip }, label: `${label}/clipped` });
}

type Block = { first: number; size: number; columns: number; weights: readonly number[] };

function block({ first, size, columns, weights }: Block): Kernel {
    const own = weights.slice(first * columns, (first + size) * columns);
    return { kind: "dense", positions: 1, rows: size, columns, weights: own };
}

/** h' = f(W x + R h + b). */
export const rnnCell: Cell = ({ steps, weights, functions, clip, input, state, label }) => {
    const sum = gateSum({ steps, weights, gate: 0, clip, input, hidden: state.hidden, label: `${label}/sum` });
    const [activate] = functions;
    if (activate === undefined) throw new RangeError("A recurrent cell has one function");
    return { hidden: activate({ steps, input: sum, label: `${label}/hidden` }), cell: undefined };
};

/** Gates z, r, h: h' = c + z (h - c), where c is the candidate. */
export function gruCell({ isLinearBeforeReset }: { isLinearBeforeReset: boolean }): Cell {
    return (step) => {
        const { steps, weights, functions, clip, input, state, label } = step;
        const [gateFunction, candidateFunction] = functions;
        if (gateFunction === undefined || candidateFunction === undefined) {
            throw new RangeError("A gated cell has two functions");
        }
        const sum = (gate: number, name: string) =>
            gateSum({ steps, weights, gate, clip, input, hidden: state.hidden, label: `${label}/${name}` });
        const update = gateFunction({ steps, input: sum(0, "z"), label: `${label}/update` });
        const candidateSum =
            state.hidden === undefined && !isLinearBeforeReset
                ? sum(2, "h")
                : resetSum({
                      ...step,
                      isLinearBeforeReset,
                      reset: gateFunction({ steps, input: sum(1, "r"), label: `${label}/reset` }),
                  });
        const candidate = candidateFunction({ steps, input: candidateSum, label: `${label}/candidate` });
        const { hidden } = state;
        const lead = hidden === undefined ? [] : [{ tensor: hidden }];
        const rest = steps.combine({ parts: [...lead, { tensor: candidate, factor: -1 }], label: `${label}/rest` });
        const kept = steps.product({ left: update, right: rest, label: `${label}/kept` });
        const parts = [{ tensor: candidate }, { tensor: kept }];
        return { hidden: steps.combine({ parts, label: `${label}/hidden` }), cell: undefined };
    };
}

type Reset = Parameters<Cell>[0] & { isLinearBeforeReset: boolean; reset: TensorOperand };

/** The candidate's sum with the state reset before its weights are applied, or after. */
function resetSum({ steps, weights, clip, input, state, label, isLinearBeforeReset, reset }: Reset): TensorOperand {
    const { hidden } = state;
    const base = { steps, weights, gate: 2, clip, input, label: `${label}/h` };
    if (!isLinearBeforeReset) {
        const kept =
            hidden === undefined
                ? undefined
                : steps.product({ left: reset, right: hidden, label: `${label}/resetState` });
        return gateSum({ ...base, hidden: kept });
    }
    const { size } = weights;
    const bias = weights.recurrentBias.slice(2 * size, 3 * size);
    const linear =
        hidden === undefined
            ? steps.constants({ like: input, values: [...bias], shape: [size] })
            : steps.combine({
                  parts: [
                      {
                          tensor: hidden,
                          kernel: block({ first: 2 * size, size, columns: size, weights: weights.recurrent }),
                      },
                  ],
                  bias: [...bias],
                  shape: [size],
                  label: `${label}/stateSum`,
              });
    const kept = steps.product({ left: reset, right: linear, label: `${label}/resetSum` });
    return gateSum({ ...base, hidden: undefined, extra: [{ tensor: kept }], hasRecurrentBias: false });
}

/** Gates i, o, f, c: c' = f c + i g, h' = o h(c'). With `isCoupled`, f = 1 - i. */
export function lstmCell({ isCoupled }: { isCoupled: boolean }): Cell {
    return ({ steps, weights, functions, clip, input, state, label }) => {
        const [gateFunction, candidateFunction, outputFunction] = functions;
        if (gateFunction === undefined || candidateFunction === undefined || outputFunction === undefined) {
            throw new RangeError("A long short-term memory cell has three functions");
        }
        const gate = ({ index, peephole, cell, name }: LstmGate) => {
            const extra = peepholePart({ weights, index: peephole, cell });
            const common = { steps, weights, clip, input, hidden: state.hidden };
            return gateSum({ ...common, gate: index, extra, label: `${label}/${name}` });
        };
        const taken = gateFunction({
            steps,
            input: gate({ index: 0, peephole: 0, cell: state.cell, name: "i" }),
            label: `${label}/input`,
        });
        const candidate = candidateFunction({
            steps,
            input: gate({ index: 3, peephole: undefined, cell: undefined, name: "c" }),
            label: `${label}/candidate`,
        });
        const added = steps.product({ left: taken, right: candidate, label: `${label}/added` });
        const forget = () =>
            isCoupled
                ? steps.combine({ parts: [{ tensor: taken, factor: -1 }], bias: 1, label: `${label}/forget` })
                : gateFunction({
                      steps,
                      input: gate({ index: 2, peephole: 2, cell: state.cell, name: "f" }),
                      label: `${label}/forget`,
                  });
        const kept =
            state.cell === undefined
                ? []
                : [{ tensor: steps.product({ left: forget(), right: state.cell, label: `${label}/kept` }) }];
        const cell = steps.combine({ parts: [{ tensor: added }, ...kept], label: `${label}/cell` });
        const output = gateFunction({
            steps,
            input: gate({ index: 1, peephole: 1, cell, name: "o" }),
            label: `${label}/output`,
        });
        const shown = outputFunction({ steps, input: cell, label: `${label}/shown` });
        return { hidden: steps.product({ left: output, right: shown, label: `${label}/hidden` }), cell };
    };
}

type LstmGate = { index: number; peephole: number | undefined; cell: TensorOperand | undefined; name: string };
type Peephole = { weights: Weights; index: number | undefined; cell: TensorOperand | undefined };

/** What a gate sees of the cell. */
function peepholePart({ weights: { peepholes, size }, index, cell }: Peephole): Part[] {
    if (peepholes === undefined || index === undefined || cell === undefined) return [];
    const factors = peepholes.slice(index * size, (index + 1) * size);
    return [{ tensor: cell, kernel: { kind: "scale", factors } }];
}
