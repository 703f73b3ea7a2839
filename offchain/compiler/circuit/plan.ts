import type { Bounds } from "../integer/interval.ts";
import type { Gadget } from "./gadgets.ts";

/** A signal of the circuit: an index into `CircuitPlan.signals`. */
export type SignalId = number;

/** constant + sum of weight * signal. */
export type LinearCombination = { constant: bigint; terms: readonly Term[] };
/** weight * signal. */
export type Term = { signal: SignalId; weight: bigint };

/** One element of a tensor inside the circuit: a signal, or the one value that it always has. */
export type Element = { kind: "signal"; signal: SignalId } | { kind: "constant"; value: bigint };

/** What the circuit says, in order. Both the .circom text and a direct r1cs writer follow it. */
export type Step =
    /** target <== value: one linear constraint, in matrix C only. */
    | { kind: "sum"; target: SignalId; value: LinearCombination }
    /** target <== element: no constraint, --O1 removes it. */
    | { kind: "alias"; target: SignalId; element: Element }
    | { kind: "gadget"; gadget: Gadget; inputs: Argument[]; outputs: SignalId[] };

/** What a template's input takes: one signal, or an array of them. */
export type Argument = Element | readonly Element[];

/** A run of steps with the array that it fills; the table of layers shows one row for each. */
export type Layer = {
    op: string;
    /** Where it comes from, for people. */
    name: string;
    /** The arrays of signals that the steps define. */
    arrays: SignalArray[];
    steps: Step[];
    constraints: number;
};

/** `signal NAME[count]` with consecutive ids from `first`. */
export type SignalArray = { name: string; count: number; first: SignalId };

/** A signal's place and the bounds that the layers before it guarantee. */
export type Signal = { array: string; index: number; bounds: Bounds };

/** The whole circuit before it is text. */
export type CircuitPlan = {
    signals: Signal[];
    /** Private inputs: the elements of the model's input tensors, in order. */
    input: SignalArray;
    layers: Layer[];
    binding: BindingPlan;
    constraints: { total: number; model: number; binding: number };
};

/** How the public words come out. */
export type BindingPlan = {
    /** Packed: the words are public signals. Bound: c and e are, and r is a public input. */
    isBound: boolean;
    inputWords: WordPlan[];
    outputWords: WordPlan[];
};

/** One word of up to 31 bytes. */
export type WordPlan = { isSigned: boolean; sizeBytes: number; elements: Element[] };
