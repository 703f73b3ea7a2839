import { at } from "../integer/at.ts";
import type { Bounds } from "../integer/interval.ts";
import { type Gadget, gadgetConstraints } from "./gadgets.ts";
import type { Argument, Element, Layer, LinearCombination, Signal, SignalArray, SignalId, Step } from "./plan.ts";

/** Adds signals and steps to the layer that was opened last. */
export type Builder = {
    signals: Signal[];
    openLayer: (layer: { op: string; name: string }) => void;
    /** Declares `signal NAME[count]` in the open layer; `isNumbered` adds a number to the name. */
    declare: (array: { name: string; isNumbered?: boolean; bounds: readonly Bounds[] }) => SignalArray;
    sum: (step: { target: SignalId; value: LinearCombination }) => Element;
    alias: (step: { target: SignalId; element: Element }) => Element;
    gadget: (step: { gadget: Gadget; inputs: Argument[]; outputs: SignalId[] }) => void;
    /** What a signal was defined as, when a sum defined it. */
    definitionOf: (signal: SignalId) => LinearCombination | undefined;
    layers: () => Layer[];
};

/** An empty circuit plan. */
export function createBuilder(): Builder {
    const signals: Signal[] = [];
    const layers: Layer[] = [];
    const definitions = new Map<SignalId, LinearCombination>();
    const arrays = new Map<string, number>();

    function push({ step, constraints }: { step: Step; constraints: number }): void {
        const layer = at(layers, layers.length - 1);
        layer.steps.push(step);
        layer.constraints += constraints;
    }

    return {
        signals,
        openLayer: ({ op, name }) => {
            layers.push({ op, name, arrays: [], steps: [], constraints: 0 });
        },
        declare: ({ name, isNumbered = true, bounds }) => {
            const number = (arrays.get(name) ?? 0) + 1;
            arrays.set(name, number);
            const array = { name: isNumbered ? `${name}${number}` : name, count: bounds.length, first: signals.length };
            signals.push(...bounds.map((entry, index) => ({ array: array.name, index, bounds: entry })));
            at(layers, layers.length - 1).arrays.push(array);
            return array;
        },
        sum: ({ target, value }) => {
            definitions.set(target, value);
            push({ step: { kind: "sum", target, value }, constraints: 1 });
            return { kind: "signal", signal: target };
        },
        alias: ({ target, element }) => {
            push({ step: { kind: "alias", target, element }, constraints: 0 });
            return element;
        },
        gadget: ({ gadget, inputs, outputs }) => {
            push({ step: { kind: "gadget", gadget, inputs, outputs }, constraints: gadgetConstraints(gadget) });
        },
        definitionOf: (signal) => definitions.get(signal),
        layers: () => layers,
    };
}

/** The signals of an array as elements. */
export function elementsOf({ first, count }: SignalArray): Element[] {
    return Array.from({ length: count }, (_, index) => ({ kind: "signal", signal: first + index }));
}

/** Bounds element by element. */
export function boundsOf({ lo, hi }: { lo: readonly bigint[]; hi: readonly bigint[] }): Bounds[] {
    return lo.map((least, index) => ({ lo: least, hi: at(hi, index) }));
}
