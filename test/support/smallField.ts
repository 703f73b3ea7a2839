import type { R1cs, SparseMatrix } from "../../offchain/compiler/circuit/system/r1cs.ts";

type Row = { a: Term[]; b: Term[]; c: Term[]; wires: number[] };
type Term = { wire: number; weight: number };

/** Every assignment of outputs for which the constraints, read modulo a small prime, have a solution: by trying all. */
export function outputsOf({ r1cs, prime, inputs }: { r1cs: R1cs; prime: number; inputs: number[] }): number[][] {
    const rows = rowsOf({ r1cs, prime });
    const values = new Array<number | undefined>(r1cs.wireCount).fill(undefined);
    values[0] = 1;
    const firstInput = 1 + r1cs.publicOutputs + r1cs.publicInputs;
    for (const [index, value] of inputs.entries()) values[firstInput + index] = modulo(value, prime);
    const found = new Map<string, number[]>();

    function search(): void {
        const open = rows.map((row) => row.wires.filter((wire) => values[wire] === undefined));
        if (rows.some((row, index) => open[index]?.length === 0 && !holds({ row, values, prime }))) return;
        const [next] = open.filter(({ length }) => length > 0).toSorted((left, right) => left.length - right.length);
        const wire = next?.[0];
        if (wire === undefined) {
            const outputs = Array.from({ length: r1cs.publicOutputs }, (_, index) => values[1 + index] ?? Number.NaN);
            found.set(outputs.join(), outputs);
            return;
        }
        for (let value = 0; value < prime; value++) {
            values[wire] = value;
            search();
        }
        values[wire] = undefined;
    }

    search();
    return [...found.values()];
}

function rowsOf({ r1cs, prime }: { r1cs: R1cs; prime: number }): Row[] {
    const terms = (matrix: SparseMatrix, row: number): Term[] => {
        const [start, end] = [matrix.start[row] ?? 0, matrix.start[row + 1] ?? 0];
        return Array.from({ length: end - start }, (_, index) => ({
            wire: matrix.wire[start + index] ?? 0,
            weight: Number((r1cs.coefficients[matrix.coefficient[start + index] ?? 0] ?? 0n) % BigInt(prime)),
        }));
    };
    return Array.from({ length: r1cs.constraintCount }, (_, row) => {
        const [a, b, c] = [terms(r1cs.a, row), terms(r1cs.b, row), terms(r1cs.c, row)];
        return { a, b, c, wires: [...new Set([...a, ...b, ...c].map(({ wire }) => wire))] };
    });
}

function holds({ row, values, prime }: { row: Row; values: (number | undefined)[]; prime: number }): boolean {
    const sum = (terms: Term[]) => terms.reduce((total, { wire, weight }) => total + weight * (values[wire] ?? 0), 0);
    return modulo(sum(row.a) * sum(row.b) - sum(row.c), prime) === 0;
}

/** The representative in [0, prime). */
export function modulo(value: number, prime: number): number {
    return ((value % prime) + prime) % prime;
}
