import type { Element, LinearCombination, SignalId } from "./plan.ts";

/** A number written in bits: base + sum of 2^i * bits[i]. Every bit is 0 or 1, whatever the witness. */
export type Digits = { base: bigint; bits: readonly LinearCombination[] };

/** What a clamp found out: where the argument lay, and the digits of it that count where it lay inside. */
export type ClampDigits = {
    /** Least and greatest result; max - min + 1 = 2^(number of bits of `inner`). */
    min: bigint;
    max: bigint;
    /** Digits of the argument where it lies inside. */
    inner: Digits;
    /** 1 where the argument lies in [min, max], and where it lies above; else 0. */
    isInside: LinearCombination;
    isAbove: LinearCombination;
};

/** What is known of elements beyond their bounds: so that no element is decomposed twice. */
export type DigitNotes = {
    digitsOf: (element: Element) => Digits | undefined;
    noteDigits: (element: Element, digits: Digits) => void;
    clampOf: (element: Element) => ClampDigits | undefined;
    noteClamp: (element: Element, clamp: ClampDigits) => void;
};

type Key = SignalId | LinearCombination;

/** Notes by signal, or by the identity of a sum. */
export function createDigitNotes(): DigitNotes {
    const digits = new Map<Key, Digits>();
    const clamps = new Map<Key, ClampDigits>();
    const find = <T>(notes: ReadonlyMap<Key, T>, element: Element) =>
        element.kind === "constant" ? undefined : notes.get(keyOf(element));
    const note = <T>(notes: Map<Key, T>, element: Element, value: T) => {
        if (element.kind !== "constant") notes.set(keyOf(element), value);
    };
    return {
        digitsOf: (element) => find(digits, element),
        noteDigits: (element, value) => note(digits, element, value),
        clampOf: (element) => find(clamps, element),
        noteClamp: (element, value) => note(clamps, element, value),
    };
}

function keyOf(element: Exclude<Element, { kind: "constant" }>): Key {
    return element.kind === "signal" ? element.signal : element.value;
}
