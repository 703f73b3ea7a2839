import { FIELD_ORDER } from "@assay/protocol";
import { at } from "../../../integer/at.ts";
import type { LinearCombination, Term } from "../../plan.ts";
import { balanced } from "../field.ts";
import type { R1cs, SparseMatrix } from "../r1cs.ts";

/** Integers between which a representative of a field element lies. */
export type Range = { lo: bigint; hi: bigint };

/** One row of a matrix; weights are balanced. */
export function rowForm({ r1cs, matrix, row }: { r1cs: R1cs; matrix: SparseMatrix; row: number }): LinearCombination {
    let constant = 0n;
    const terms: Term[] = [];
    for (let term = at(matrix.start, row); term < at(matrix.start, row + 1); term++) {
        const signal = at(matrix.wire, term);
        const weight = at(r1cs.coefficients, at(matrix.coefficient, term));
        if (signal === 0) constant = balanced(constant + weight);
        else terms.push({ signal, weight });
    }
    return { constant, terms };
}

/** Sum of factor * form; terms of one wire are joined. */
export function combined(parts: readonly { form: LinearCombination; factor: bigint }[]): LinearCombination {
    const weights = new Map<number, bigint>();
    let constant = 0n;
    for (const { form, factor } of parts) {
        constant += factor * form.constant;
        for (const { signal, weight } of form.terms) {
            weights.set(signal, (weights.get(signal) ?? 0n) + factor * weight);
        }
    }
    const terms = [...weights].map(([signal, weight]) => ({ signal, weight: balanced(weight) }));
    return { constant: balanced(constant), terms: terms.filter(({ weight }) => weight !== 0n) };
}

/** left - right. */
export function without(left: LinearCombination, right: LinearCombination): LinearCombination {
    return combined([
        { form: left, factor: 1n },
        { form: right, factor: -1n },
    ]);
}

/** The weight of a wire; 0 where it does not stand. */
export function weightOf({ form, wire }: { form: LinearCombination; wire: number }): bigint {
    return form.terms.find(({ signal }) => signal === wire)?.weight ?? 0n;
}

/** A form without one of its wires. */
export function rest({ form, wire }: { form: LinearCombination; wire: number }): LinearCombination {
    return { constant: form.constant, terms: form.terms.filter(({ signal }) => signal !== wire) };
}

/** Whether every term of a form is another's, weights included. */
export function isSame(left: LinearCombination, right: LinearCombination): boolean {
    const difference = without(left, right);
    return difference.constant === 0n && difference.terms.length === 0;
}

/** weight * range. */
export function scaledRange({ range, weight }: { range: Range; weight: bigint }): Range {
    const [first, second] = [weight * range.lo, weight * range.hi];
    return first < second ? { lo: first, hi: second } : { lo: second, hi: first };
}

/** Whether two different values of a range can be the same field element: never, if this holds. */
export function isNarrow({ lo, hi }: Range): boolean {
    return hi - lo < FIELD_ORDER;
}
