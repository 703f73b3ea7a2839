import type { LinearCombination } from "../circuit/plan.ts";
import { balanced, residue } from "../circuit/system/field.ts";
import type { SparseMatrix, Wire } from "../circuit/system/r1cs.ts";
import type { ConstraintSystem } from "../circuit/system/system.ts";
import { at } from "../integer/at.ts";
import { wtnsFile } from "./_wtnsFile.ts";

/** Values of all wires of one inference. */
export interface Witness {
    /** The .wtns file that snarkjs proves. */
    file: Uint8Array;
    /** Value of one wire: 0 is the constant 1, then come outputs, public inputs, private inputs. */
    wire(index: number): bigint;
}

/** Signals by name; an array signal is flat. */
export type CircuitInput = Record<string, readonly bigint[]>;

/** Finds witnesses of one circuit. */
export interface WitnessCalculator {
    /** Throws WitnessRefused when the constraints have no solution for the input. */
    calculate(input: CircuitInput): Witness;
}

/** The circuit has no witness for an input. */
export class WitnessRefused extends Error {
    override readonly name = "WitnessRefused";
}

/**
 * The witness program of a constraint system: hints and defining constraints give every wire its value in order, and
 * every other constraint is checked on the way, so that what is returned satisfies all of them.
 */
export function createWitnessCalculator(system: ConstraintSystem): WitnessCalculator {
    return {
        calculate(input) {
            const values = solve({ system, input });
            return { file: wtnsFile(values), wire: (index) => residue(at(values, index)) };
        },
    };
}

/** Values of all wires, balanced. */
function solve({ system, input }: { system: ConstraintSystem; input: CircuitInput }): bigint[] {
    const { r1cs, targets, hints } = system;
    const values = new Array<bigint>(r1cs.wireCount).fill(0n);
    values[0] = 1n;
    placeInputs({ system, input, values });
    let nextHint = 0;
    for (let row = 0; row < r1cs.constraintCount; row++) {
        while (hints[nextHint]?.row === row) {
            const { targets: wires, inputs, compute } = at(hints, nextHint).hint;
            const given = inputs.map((value) => combine({ value, values }));
            for (const [index, value] of compute(given).entries()) values[at(wires, index)] = balanced(value);
            nextHint += 1;
        }
        solveRow({ system, values, row, target: at(targets, row) });
    }
    return values;
}

type Placing = { system: ConstraintSystem; input: CircuitInput; values: bigint[] };

function placeInputs({ system: { inputs, fixed }, input, values }: Placing): void {
    const unknown = Object.keys(input).find((name) => !inputs.has(name));
    if (unknown !== undefined) throw new WitnessRefused(`The circuit has no input ${unknown}.`);
    for (const [name, wires] of inputs) {
        const given = input[name] ?? fixed?.get(name) ?? [];
        if (given.length !== wires.length) {
            throw new WitnessRefused(`The circuit takes ${wires.length} values of ${name}, not ${given.length}.`);
        }
        for (const [index, wire] of wires.entries()) values[wire] = balanced(at(given, index));
    }
}

type Row = { system: ConstraintSystem; values: bigint[]; row: number; target: Wire };

/** A·B = C: checks it, or gives its target, which stands in C once with weight 1 and has the value 0 until then. */
function solveRow({ system: { r1cs }, values, row, target }: Row): void {
    const { a, b, c, coefficients } = r1cs;
    const left = evaluate({ matrix: a, coefficients, values, row });
    const right = left === 0n ? 0n : evaluate({ matrix: b, coefficients, values, row });
    const missing = balanced(left * right - evaluate({ matrix: c, coefficients, values, row }));
    if (target !== 0) values[target] = missing;
    else if (missing !== 0n) throw new WitnessRefused(`Constraint ${row} does not hold.`);
}

type Evaluation = { matrix: SparseMatrix; coefficients: readonly bigint[]; values: readonly bigint[]; row: number };

function evaluate({ matrix: { start, wire, coefficient }, coefficients, values, row }: Evaluation): bigint {
    const end = start[row + 1] ?? 0;
    let sum = 0n;
    for (let term = start[row] ?? 0; term < end; term++) {
        sum += (coefficients[coefficient[term] ?? 0] ?? 0n) * (values[wire[term] ?? 0] ?? 0n);
    }
    return sum;
}

function combine({ value, values }: { value: LinearCombination; values: readonly bigint[] }): bigint {
    let sum = value.constant;
    for (const { signal, weight } of value.terms) sum += weight * at(values, signal);
    return balanced(sum);
}
