import { at } from "../../../integer/at.ts";
import type { LinearCombination } from "../../plan.ts";
import { balanced } from "../field.ts";
import type { R1cs } from "../r1cs.ts";
import { useDivision } from "./_division.ts";
import { createFacts, type Facts, type Product } from "./_facts.ts";
import { combined, rowForm } from "./_forms.ts";
import { useLadder } from "./_ladder.ts";
import { useEquation } from "./_linear.ts";
import { useProduct } from "./_product.ts";
import { useRoot } from "./_root.ts";
import { useTwoValues } from "./_twoValues.ts";
import { useZeroTest } from "./_zeroTest.ts";

/** What is proven of the wires of a constraint system, given its public and private inputs. */
export type Uniqueness = {
    /** Wires that can have one value only, whoever makes the witness; inputs and the constant among them. */
    determined: number;
    /** Wires that may have several, but stand in one constraint alone, where they change nothing else: inverses of 0. */
    free: number[];
    /** Wires of which it is not known; empty for a circuit that is proven deterministic. */
    unproven: number[];
};

/**
 * Works out which wires the inputs determine, from the constraints alone: a linear constraint with one unknown, digits
 * that add up to a known number, products of known factors, and the arguments for magnitudes, tests for zero, division,
 * square roots and thermometers. Every step is a proof; a wire that none reaches is reported, not assumed.
 */
export function proveUniqueness(r1cs: R1cs): Uniqueness {
    const first = 1 + r1cs.publicOutputs;
    const inputs = Array.from({ length: r1cs.publicInputs + r1cs.privateInputs }, (_, index) => first + index);
    const facts = createFacts({ wireCount: r1cs.wireCount, inputs: [0, ...inputs] });
    for (let row = 0; row < r1cs.constraintCount; row++) addRow({ facts, r1cs, row });
    do propagate(facts);
    while (decide(facts));
    return reportOf({ facts, r1cs });
}

/** Uses equations and products until nothing new follows. */
function propagate(facts: Facts): void {
    for (let item = facts.next(); item !== undefined; item = facts.next()) {
        if ("equation" in item) useEquation({ facts, equation: item.equation });
        else useProduct({ facts, product: item.product });
    }
}

/** Arguments over several constraints, where some wire is unknown; whether one of them found anything. */
function decide(facts: Facts): boolean {
    for (const product of facts.products) {
        if ([product.left, product.right].every((form) => facts.unknownIn(form).length === 0)) continue;
        for (const rule of [useTwoValues, useZeroTest, useDivision, useRoot]) rule({ facts, product });
    }
    for (const equation of facts.equations) useLadder({ facts, equation });
    return facts.isAwake();
}

/** A constraint as what it says: a linear one, a value that is one of two numbers, or a product. */
function addRow({ facts, r1cs, row }: { facts: Facts; r1cs: R1cs; row: number }): void {
    const [left, right, equals] = [r1cs.a, r1cs.b, r1cs.c].map((matrix) => rowForm({ r1cs, matrix, row }));
    if (left === undefined || right === undefined || equals === undefined) throw new RangeError("There are 3 matrices");
    const [number, form] = left.terms.length === 0 ? [left, right] : [right, left];
    if (number.terms.length === 0) {
        const linear = combined([
            { form: equals, factor: 1n },
            { form, factor: -number.constant },
        ]);
        facts.addEquation({ form: linear, isExact: true });
        return;
    }
    const other = otherValueOf({ left, right, equals });
    if (other === undefined) facts.addProduct({ left, right, equals });
    else addTwoNumbers({ facts, form: left, other });
}

/** The number that a form is when it is not 0, if a product says that it is one of the two. */
function otherValueOf({ left, right, equals }: Product): bigint | undefined {
    if (equals.terms.length > 0 || equals.constant !== 0n) return undefined;
    for (const sign of [1n, -1n]) {
        const difference = combined([
            { form: right, factor: 1n },
            { form: left, factor: -sign },
        ]);
        if (difference.terms.length === 0) return balanced(-sign * difference.constant);
    }
    return undefined;
}

/** form is 0 or `other`: a range for a wire that stands alone, else an equation with a bit of its own. */
function addTwoNumbers({ facts, form, other }: { facts: Facts; form: LinearCombination; other: bigint }): void {
    const [term, ...more] = form.terms;
    if (term !== undefined && more.length === 0 && (term.weight === 1n || term.weight === -1n)) {
        const values = [-form.constant, other - form.constant].map((value) => value * term.weight);
        const [low, high] = values.sort((left, right) => (left < right ? -1 : 1));
        facts.learnRange(term.signal, { lo: low ?? 0n, hi: high ?? 0n });
        return;
    }
    const bit = facts.newBit();
    facts.addEquation({
        form: combined([
            { form, factor: 1n },
            { form: { constant: 0n, terms: [{ signal: bit, weight: other }] }, factor: -1n },
        ]),
        isExact: true,
    });
}

function reportOf({ facts, r1cs }: { facts: Facts; r1cs: R1cs }): Uniqueness {
    const { wireCount, publicOutputs, a, b, c, constraintCount } = r1cs;
    const unknown = Array.from({ length: wireCount }, (_, wire) => wire).filter((wire) => !facts.isKnown(wire));
    const uses = new Map(unknown.map((wire) => [wire, new Set<number>()]));
    for (const { start, wire } of [a, b, c]) {
        for (let row = 0; row < constraintCount; row++) {
            for (const number of wire.subarray(at(start, row), at(start, row + 1))) uses.get(number)?.add(row);
        }
    }
    const isFree = (wire: number) => wire > publicOutputs && (uses.get(wire)?.size ?? 0) <= 1;
    return {
        determined: wireCount - unknown.length,
        free: unknown.filter(isFree),
        unproven: unknown.filter((wire) => !isFree(wire)),
    };
}
