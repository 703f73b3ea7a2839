import type { Bounds } from "../integer/interval.ts";
import type { Gadget } from "./gadgets.ts";

/** A signal of the circuit: an index into `CircuitPlan.signals`. */
export type SignalId = number;

/** constant + sum of weight * signal. */
export type LinearCombination = { constant: bigint; terms: readonly Term[] };
/** weight * signal. */
export type Term = { signal: SignalId; weight: bigint };

/** One element of a tensor inside the circuit: a signal, the one value that it always has, or a sum not yet a signal. */
export type Element = SignalElement | ConstantElement | SumElement;
export type SignalElement = { kind: "signal"; signal: SignalId };
export type ConstantElement = { kind: "constant"; value: bigint };
/** It costs nothing until something needs it as a signal; `bounds` hold for every accepted input. */
export type SumElement = { kind: "sum"; value: LinearCombination; bounds: Bounds };

/** What the circuit says, in order. Both the .circom text and a direct r1cs writer follow it. */
export type Step =
    /** target <== value: one linear constraint, in matrix C only. */
    | { kind: "sum"; target: SignalId; value: LinearCombination }
    /** target <== left * right + plus: one constraint; neither factor is a constant. */
    | { kind: "product"; target: SignalId; left: LinearCombination; right: LinearCombination; plus: LinearCombination }
    | { kind: "gadget"; gadget: Gadget; inputs: Argument[]; output: GadgetOutput };

/** What a template's input takes: one signal or number, or an array of them. */
export type Argument = SettledElement | readonly SettledElement[];
export type SettledElement = SignalElement | ConstantElement;

/** What a template gives: nothing, one signal, or a whole array. */
export type GadgetOutput =
    | { kind: "none" }
    | { kind: "signal"; signal: SignalId }
    | { kind: "array"; array: SignalArray };

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
    /** Private inputs that are the model's own: its weights and biases, when they are committed. */
    parameters?: ParameterPlan | undefined;
    layers: Layer[];
    binding: BindingPlan;
    constraints: { total: number; model: number; binding: number };
};

/** How the words of both sides come out. */
export type BindingPlan = {
    /** Packed: the public words are public signals. Bound: c and e are, and r is a public input. */
    isBound: boolean;
    /** Public words; none of a committed side. */
    inputWords: WordPlan[];
    outputWords: WordPlan[];
    /** What stays private: sides in the order of their public hashes, then parameters. */
    commitments: CommitmentPlan[];
};

/**
 * Words held to a commitment: the public input NAMEHash, or the constant `hash`, under the private input NAMESalt.
 */
export type CommitmentPlan = {
    name: "input" | "output" | "parameters";
    words: WordPlan[];
    hash?: bigint | undefined;
};

/** Committed parameters with their values, which only who has the model knows. */
export type ParameterPlan = { array: SignalArray; values: readonly bigint[]; salt: bigint };

/** One word of up to 31 bytes. */
export type WordPlan = { isSigned: boolean; sizeBytes: number; elements: SettledElement[] };
