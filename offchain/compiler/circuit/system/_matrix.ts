import type { LinearCombination, Term } from "../plan.ts";
import { createVector } from "./_vector.ts";
import { balanced } from "./field.ts";
import type { SparseMatrix } from "./r1cs.ts";

/** Values by number, each kept once. */
export type Coefficients = { numberOf: (value: bigint) => number; values: () => bigint[] };

/** A matrix that is written row by row. */
export type MatrixBuilder = { addRow: (row: LinearCombination) => void; finish: () => SparseMatrix };

/** An empty list of coefficients. */
export function createCoefficients(): Coefficients {
    const values: bigint[] = [];
    const numbers = new Map<bigint, number>();
    return {
        numberOf: (value) => {
            const known = numbers.get(value);
            if (known !== undefined) return known;
            numbers.set(value, values.length);
            values.push(value);
            return values.length - 1;
        },
        values: () => values,
    };
}

/** An empty matrix; wire 0 carries a row's constant. */
export function createMatrix(coefficients: Coefficients): MatrixBuilder {
    const [start, wire, coefficient] = [createVector(), createVector(), createVector()];
    start.push(0);

    function addTerm(signal: number, weight: bigint): void {
        const value = balanced(weight);
        if (value === 0n) return;
        wire.push(signal);
        coefficient.push(coefficients.numberOf(value));
    }

    return {
        addRow: ({ constant, terms }) => {
            let pending: Term = { signal: 0, weight: constant };
            for (const term of inOrder(terms)) {
                if (term.signal === pending.signal) {
                    pending = { signal: term.signal, weight: pending.weight + term.weight };
                } else {
                    addTerm(pending.signal, pending.weight);
                    pending = term;
                }
            }
            addTerm(pending.signal, pending.weight);
            start.push(wire.length());
        },
        finish: () => ({ start: start.finish(), wire: wire.finish(), coefficient: coefficient.finish() }),
    };
}

function inOrder(terms: readonly Term[]): readonly Term[] {
    const isSorted = terms.every((term, index) => term.signal >= (terms[index - 1]?.signal ?? 0));
    return isSorted ? terms : terms.toSorted((left, right) => left.signal - right.signal);
}
