import { at } from "../../../integer/at.ts";
import type { LinearCombination } from "../../plan.ts";
import { isNarrow, type Range, scaledRange } from "./_forms.ts";

/** form = 0. `isExact`: its constant is a number; otherwise it is some value that the determined wires determine. */
export type Equation = { form: LinearCombination; isExact: boolean };
/** left * right = equals; neither factor is a number. */
export type Product = { left: LinearCombination; right: LinearCombination; equals: LinearCombination };

/**
 * What is known of the wires of a system while it is worked out which of them the inputs determine. Wires from the
 * system's own count on are bits that a constraint speaks of without naming them.
 */
export type Facts = {
    equations: readonly Equation[];
    products: readonly Product[];
    isKnown: (wire: number) => boolean;
    rangeOf: (wire: number) => Range | undefined;
    /** Range of a form whose wires all have one. */
    rangeOfForm: (form: LinearCombination) => Range | undefined;
    unknownIn: (form: LinearCombination) => number[];
    equationsOf: (wire: number) => readonly Equation[];
    productsOf: (wire: number) => readonly Product[];
    learnKnown: (wire: number) => void;
    learnRange: (wire: number, range: Range) => void;
    addEquation: (equation: Equation) => void;
    addProduct: (product: Product) => void;
    /** A new wire that is 0 or 1. */
    newBit: () => number;
    /** The next equation or product of which something became known since it was last looked at. */
    next: () => { equation: Equation } | { product: Product } | undefined;
    /** Whether there is a next one. */
    isAwake: () => boolean;
};

/** Nothing known but the given wires. */
export function createFacts({ wireCount, inputs }: { wireCount: number; inputs: readonly number[] }): Facts {
    const known = new Set<number>(inputs);
    const ranges = new Map<number, Range>();
    const equations: Equation[] = [];
    const products: Product[] = [];
    const [inEquations, inProducts] = [new Map<number, Equation[]>(), new Map<number, Product[]>()];
    const pending = new Set<Equation | Product>();
    let wires = wireCount;

    const wake = (wire: number): void => {
        for (const equation of inEquations.get(wire) ?? []) pending.add(equation);
        for (const product of inProducts.get(wire) ?? []) pending.add(product);
    };
    const rangeOfForm: Facts["rangeOfForm"] = ({ constant, terms }) => {
        let [lo, hi] = [constant, constant];
        for (const { signal, weight } of terms) {
            const range = ranges.get(signal);
            if (range === undefined) return undefined;
            const scaled = scaledRange({ range, weight });
            lo += scaled.lo;
            hi += scaled.hi;
        }
        return { lo, hi };
    };

    return {
        equations,
        products,
        isKnown: (wire) => known.has(wire),
        rangeOf: (wire) => ranges.get(wire),
        rangeOfForm,
        unknownIn: ({ terms }) => terms.flatMap(({ signal }) => (known.has(signal) ? [] : [signal])),
        equationsOf: (wire) => inEquations.get(wire) ?? [],
        productsOf: (wire) => inProducts.get(wire) ?? [],
        learnKnown: (wire) => {
            if (known.has(wire)) return;
            known.add(wire);
            wake(wire);
        },
        learnRange: (wire, range) => {
            if (ranges.has(wire) || !isNarrow(range)) return;
            ranges.set(wire, range);
            wake(wire);
        },
        addEquation: (equation) => {
            equations.push(equation);
            pending.add(equation);
            for (const { signal } of equation.form.terms) listFor(inEquations, signal).push(equation);
        },
        addProduct: (product) => {
            products.push(product);
            pending.add(product);
            const { left, right, equals } = product;
            const standing = new Set([left, right, equals].flatMap(({ terms }) => terms.map(({ signal }) => signal)));
            for (const wire of standing) listFor(inProducts, wire).push(product);
        },
        newBit: () => {
            ranges.set(wires, { lo: 0n, hi: 1n });
            wires += 1;
            return wires - 1;
        },
        next: () => {
            const [item] = pending;
            if (item === undefined) return undefined;
            pending.delete(item);
            return "form" in item ? { equation: item } : { product: item };
        },
        isAwake: () => pending.size > 0,
    };
}

function listFor<T>(lists: Map<number, T[]>, wire: number): T[] {
    const known = lists.get(wire);
    if (known !== undefined) return known;
    const created: T[] = [];
    lists.set(wire, created);
    return created;
}

/** Sum of the unknown wires' terms of a form, and of the others. */
export function split({ facts, form }: { facts: Facts; form: LinearCombination }) {
    const isOpen = form.terms.map(({ signal }) => !facts.isKnown(signal));
    return {
        open: { constant: 0n, terms: form.terms.filter((_, index) => at(isOpen, index)) },
        closed: { constant: form.constant, terms: form.terms.filter((_, index) => !at(isOpen, index)) },
    };
}
