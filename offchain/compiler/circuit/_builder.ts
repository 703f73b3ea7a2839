import { at } from "../integer/at.ts";
import type { Bounds } from "../integer/interval.ts";
import { boundsOfSum } from "./combination.ts";
import { createDigitNotes, type DigitNotes } from "./digits.ts";
import { type Gadget, gadgetConstraints } from "./gadgets.ts";
import type {
    Argument,
    Element,
    GadgetOutput,
    Layer,
    LinearCombination,
    SettledElement,
    Signal,
    SignalArray,
    SignalElement,
    SignalId,
    Step,
} from "./plan.ts";

/** Adds signals and steps to the layer that was opened last. */
export type Builder = {
    signals: Signal[];
    openLayer: (layer: { op: string; name: string }) => void;
    /** Declares `signal NAME[count]` in the open layer; `isNumbered` adds a number to the name. */
    declare: (array: { name: string; isNumbered?: boolean; bounds: readonly Bounds[] }) => SignalArray;
    /** Makes signals of sums, each at most once for the whole circuit: one constraint for each new one. */
    settle: (elements: readonly Element[]) => SettledElement[];
    product: (step: {
        target: SignalId;
        left: LinearCombination;
        right: LinearCombination;
        plus?: LinearCombination;
    }) => SignalElement;
    gadget: (step: { gadget: Gadget; inputs: Argument[]; output: GadgetOutput }) => void;
    boundsOf: (element: Element) => Bounds;
    /** The sum that an element is or that made it a signal, else the element alone. */
    sumOf: (element: Element) => LinearCombination;
    /** Bits of elements that a step has found out already. */
    notes: DigitNotes;
    layers: () => Layer[];
};

/** The sum of nothing. */
const ZERO: LinearCombination = { constant: 0n, terms: [] };

/** An empty circuit plan. */
export function createBuilder(): Builder {
    const signals: Signal[] = [];
    const layers: Layer[] = [];
    const definitions = new Map<SignalId, LinearCombination>();
    const settled = new Map<LinearCombination, SignalElement>();
    const arrays = new Map<string, number>();

    function push({ step, constraints }: { step: Step; constraints: number }): void {
        const layer = at(layers, layers.length - 1);
        layer.steps.push(step);
        layer.constraints += constraints;
    }

    const declare: Builder["declare"] = ({ name, isNumbered = true, bounds }) => {
        const number = (arrays.get(name) ?? 0) + 1;
        arrays.set(name, number);
        const array = { name: isNumbered ? `${name}${number}` : name, count: bounds.length, first: signals.length };
        for (const [index, entry] of bounds.entries()) signals.push({ array: array.name, index, bounds: entry });
        if (bounds.length > 0) at(layers, layers.length - 1).arrays.push(array);
        return array;
    };

    const boundsOf: Builder["boundsOf"] = (element) => {
        if (element.kind === "constant") return { lo: element.value, hi: element.value };
        return element.kind === "signal" ? at(signals, element.signal).bounds : element.bounds;
    };

    const settle: Builder["settle"] = (elements) => {
        const sums = new Map<LinearCombination, Bounds>();
        for (const element of elements) {
            if (element.kind === "sum" && !settled.has(element.value)) sums.set(element.value, element.bounds);
        }
        const array = declare({ name: "sum", bounds: [...sums.values()] });
        for (const [index, value] of [...sums.keys()].entries()) {
            const target = array.first + index;
            push({ step: { kind: "sum", target, value }, constraints: 1 });
            definitions.set(target, value);
            settled.set(value, { kind: "signal", signal: target });
        }
        return elements.map((element) => {
            if (element.kind !== "sum") return element;
            const signal = settled.get(element.value);
            if (signal === undefined) throw new RangeError("Every sum has just become a signal");
            return signal;
        });
    };

    return {
        signals,
        openLayer: ({ op, name }) => {
            layers.push({ op, name, arrays: [], steps: [], constraints: 0 });
        },
        declare,
        settle,
        product: ({ target, left, right, plus = ZERO }) => {
            push({ step: { kind: "product", target, left, right, plus }, constraints: 1 });
            return { kind: "signal", signal: target };
        },
        gadget: ({ gadget, inputs, output }) => {
            push({ step: { kind: "gadget", gadget, inputs, output }, constraints: gadgetConstraints(gadget) });
        },
        boundsOf,
        sumOf: (element) => {
            if (element.kind === "sum") return element.value;
            if (element.kind === "constant") return { constant: element.value, terms: [] };
            return definitions.get(element.signal) ?? alone(element);
        },
        notes: createDigitNotes(),
        layers: () => layers,
    };
}

/** An element as a combination of signals, without opening the signals themselves. */
export function asCombination(element: Element): LinearCombination {
    if (element.kind === "sum") return element.value;
    return element.kind === "constant" ? { constant: element.value, terms: [] } : alone(element);
}

function alone({ signal }: SignalElement): LinearCombination {
    return { constant: 0n, terms: [{ signal, weight: 1n }] };
}

type Summing = { builder: Builder; value: LinearCombination; known?: Bounds };

/** A combination as an element: a number or a signal where it is one; its bounds are the tighter of two that hold. */
export function elementOf({ builder, value, known }: Summing): Element {
    const own = boundsOfSum({ signals: builder.signals, value });
    const bounds = known === undefined ? own : { lo: greater(own.lo, known.lo), hi: lesser(own.hi, known.hi) };
    if (bounds.lo === bounds.hi) return { kind: "constant", value: bounds.lo };
    const [first, ...others] = value.terms;
    const isCopy = first?.weight === 1n && others.length === 0 && value.constant === 0n;
    return isCopy ? { kind: "signal", signal: first.signal } : { kind: "sum", value, bounds };
}

/** The signals of an array as elements. */
export function elementsOf({ first, count }: SignalArray): SignalElement[] {
    return Array.from({ length: count }, (_, index) => ({ kind: "signal", signal: first + index }));
}

/** Bounds element by element. */
export function boundsOf({ lo, hi }: { lo: readonly bigint[]; hi: readonly bigint[] }): Bounds[] {
    return lo.map((least, index) => ({ lo: least, hi: at(hi, index) }));
}

function greater(left: bigint, right: bigint): bigint {
    return left > right ? left : right;
}

function lesser(left: bigint, right: bigint): bigint {
    return left < right ? left : right;
}
