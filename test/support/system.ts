/** Constraint systems of the direct back end, with the means to forge a witness and to check it. */
import type { SparseMatrix } from "../../offchain/compiler/circuit/system/r1cs.ts";
import type { ConstraintSystem } from "../../offchain/compiler/circuit/system/system.ts";
import { wireNames } from "../../offchain/compiler/circuit/system/writeSym.ts";
import { createWitnessCalculator } from "../../offchain/compiler/proving/witness.ts";
import { mod } from "../../offchain/compiler/setup/_field.ts";
import type { TestedSystem, Witness } from "./circuit.ts";

/** A system with its wires by name, "main." left out; `broken` gives the numbers of the constraints that do not hold. */
export type OpenSystem = TestedSystem & { broken: (witness: Witness) => number[] };

/** Opens a system for tests. */
export function openSystem(system: ConstraintSystem): OpenSystem {
    const { r1cs } = system;
    const names = wireNames(system).map((name) => name.replace(/^main\./, ""));
    const calculator = createWitnessCalculator(system);
    const evaluate = (matrix: SparseMatrix, row: number, values: readonly bigint[]): bigint => {
        let sum = 0n;
        for (let term = matrix.start[row] ?? 0; term < (matrix.start[row + 1] ?? 0); term++) {
            const weight = r1cs.coefficients[matrix.coefficient[term] ?? 0] ?? 0n;
            sum += weight * (values[matrix.wire[term] ?? 0] ?? 0n);
        }
        return sum;
    };
    const holds = (row: number, values: readonly bigint[]): boolean => {
        const [a, b, c] = [r1cs.a, r1cs.b, r1cs.c].map((matrix) => evaluate(matrix, row, values));
        return mod((a ?? 0n) * (b ?? 0n) - (c ?? 0n)) === 0n;
    };
    const rows = Array.from({ length: r1cs.constraintCount }, (_, row) => row);
    const valuesOf = (witness: Witness): bigint[] =>
        names.map((name) => {
            const value = witness.get(name);
            if (value === undefined) throw new Error(`The witness has no ${name}.`);
            return value;
        });

    return {
        constraintCount: r1cs.constraintCount,
        wires: names.slice(1),
        async witness(input) {
            const { wire } = calculator.calculate(input);
            return new Map(names.map((name, index) => [name, wire(index)]));
        },
        accepts(witness) {
            const values = valuesOf(witness);
            return rows.every((row) => holds(row, values));
        },
        broken(witness) {
            const values = valuesOf(witness);
            return rows.filter((row) => !holds(row, values));
        },
    };
}
