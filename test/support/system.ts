/** Constraint systems of the direct back end, with the means to forge a witness and to check it. */
import { balanced, residue } from "../../offchain/compiler/circuit/system/field.ts";
import type { SparseMatrix } from "../../offchain/compiler/circuit/system/r1cs.ts";
import type { ConstraintSystem } from "../../offchain/compiler/circuit/system/system.ts";
import { wireNames } from "../../offchain/compiler/circuit/system/writeSym.ts";
import { type CircuitInput, createWitnessCalculator } from "../../offchain/compiler/proving/witness.ts";
import type { TestedSystem, Witness } from "./circuit.ts";

/** A system with its wires by name, "main." left out. */
export type OpenSystem = TestedSystem & {
    /** Whether a witness still holds when one wire alone has another value; only that wire's constraints are looked at. */
    holdsWith: (change: { witness: Witness; wire: string; value: bigint }) => boolean;
    hintCount: number;
    /**
     * The witness of a prover whose hint number `hint` is worked out from other values than the wires have, everything
     * after it computed honestly from what the hint gave.
     */
    pretend: (lie: { input: CircuitInput; hint: number; change: (inputs: readonly bigint[]) => bigint[] }) => Pretended;
};

/** `changed` wires got another value from the hint itself; `broken`: one of their constraints does not hold. */
export type Pretended = { changed: string[]; isBroken: boolean };

/** Opens a system for tests. */
export function openSystem(system: ConstraintSystem): OpenSystem {
    const { r1cs, hints } = system;
    const names = wireNames(system).map((name) => name.replace(/^main\./, ""));
    const numbers = new Map(names.map((name, wire) => [name, wire]));
    const calculator = createWitnessCalculator(system);
    const rowsOf = rowsByWire(system);
    const excess = createExcess(system);
    const holds = (row: number, values: readonly bigint[]) => excess(row, values) === 0n;
    const valuesOf = (witness: Witness): bigint[] =>
        names.map((name) => {
            const value = witness.get(name);
            if (value === undefined) throw new Error(`The witness has no ${name}.`);
            return balanced(value);
        });
    /** Of the witness that was mutated last; a witness is never changed in place. */
    const last: { witness: Witness | undefined; values: bigint[] } = { witness: undefined, values: [] };

    return {
        constraintCount: r1cs.constraintCount,
        wires: names.slice(1),
        hintCount: hints.length,
        async witness(input) {
            const { wire } = calculator.calculate(input);
            return new Map(names.map((name, index) => [name, wire(index)]));
        },
        accepts(witness) {
            const values = valuesOf(witness);
            return Array.from({ length: r1cs.constraintCount }, (_, row) => row).every((row) => holds(row, values));
        },
        holdsWith({ witness, wire, value }) {
            const number = numbers.get(wire) ?? Number.NaN;
            const values = last.witness === witness ? last.values : valuesOf(witness);
            Object.assign(last, { witness, values });
            const honest = values[number] ?? 0n;
            values[number] = balanced(value);
            const isHeld = (rowsOf[number] ?? []).every((row) => holds(row, values));
            values[number] = honest;
            return isHeld;
        },
        pretend({ input, hint, change }) {
            const targets = hints[hint]?.hint.targets ?? [];
            const lastRow = Math.max(...targets.flatMap((wire) => rowsOf[wire] ?? []));
            const honest = solveWith({ system, excess, input, hint, lastRow, change: (inputs) => [...inputs] });
            const forged = solveWith({ system, excess, input, hint, lastRow, change });
            const changed = targets.filter((wire) => residue(honest[wire] ?? 0n) !== residue(forged[wire] ?? 0n));
            const isBroken = changed.some((wire) => (rowsOf[wire] ?? []).some((row) => !holds(row, forged)));
            return { changed: changed.map((wire) => names[wire] ?? ""), isBroken };
        },
    };
}

type Excess = (row: number, values: readonly bigint[]) => bigint;

/** A·B - C of one constraint. */
function createExcess({ r1cs: { a, b, c, coefficients } }: ConstraintSystem): Excess {
    const evaluate = ({ start, wire, coefficient }: SparseMatrix, row: number, values: readonly bigint[]): bigint => {
        let sum = 0n;
        for (let term = start[row] ?? 0; term < (start[row + 1] ?? 0); term++) {
            sum += (coefficients[coefficient[term] ?? 0] ?? 0n) * (values[wire[term] ?? 0] ?? 0n);
        }
        return sum;
    };
    return (row, values) => balanced(evaluate(a, row, values) * evaluate(b, row, values) - evaluate(c, row, values));
}

type Solving = {
    system: ConstraintSystem;
    excess: Excess;
    input: CircuitInput;
    hint: number;
    lastRow: number;
    change: (inputs: readonly bigint[]) => bigint[];
};

/** Values of the wires up to a row, no constraint checked; the inputs of one hint are changed on the way. */
function solveWith({ system, excess, input, hint, lastRow, change }: Solving): bigint[] {
    const { r1cs, inputs, fixed, hints, targets } = system;
    const values = new Array<bigint>(r1cs.wireCount).fill(0n);
    values[0] = 1n;
    for (const [name, wires] of inputs) {
        for (const [index, wire] of wires.entries())
            values[wire] = balanced((input[name] ?? fixed?.get(name))?.[index] ?? 0n);
    }
    let next = 0;
    for (const [row, target] of targets.subarray(0, lastRow + 1).entries()) {
        for (let entry = hints[next]; entry?.row === row; entry = hints[next]) {
            const given = entry.hint.inputs.map(({ constant, terms }) =>
                balanced(terms.reduce((sum, { signal, weight }) => sum + weight * (values[signal] ?? 0n), constant)),
            );
            const found = entry.hint.compute(next === hint ? change(given) : given);
            for (const [index, wire] of entry.hint.targets.entries()) values[wire] = balanced(found[index] ?? 0n);
            next += 1;
        }
        if (target !== 0) values[target] = excess(row, values);
    }
    return values;
}

/** Constraints that each wire stands in. */
function rowsByWire({ r1cs: { a, b, c, wireCount, constraintCount } }: ConstraintSystem): number[][] {
    const rows = Array.from({ length: wireCount }, (): number[] => []);
    for (const { start, wire } of [a, b, c]) {
        for (let row = 0; row < constraintCount; row++) {
            for (const number of wire.subarray(start[row], start[row + 1])) rows[number]?.push(row);
        }
    }
    return rows;
}
