/** Constraint systems as texts that do not depend on how wires are numbered or constraints written. */
import { FIELD_ORDER } from "@assay/protocol";
import type { R1cs, SparseMatrix } from "../../offchain/compiler/circuit/system/r1cs.ts";
import { readR1cs } from "../../offchain/compiler/circuit/system/readR1cs.ts";
import { invert, mod } from "../../offchain/compiler/setup/_field.ts";

/** Coefficients by wire name; "1" is the constant. */
type Row = Map<string, bigint>;

/** One text for each constraint, sorted: equal for systems that differ only in numbering, order, factors and scale. */
export function canonicalSystem({ r1cs, names }: { r1cs: R1cs; names: readonly string[] }): string[] {
    const rowOf = (matrix: SparseMatrix, row: number): Row => {
        const terms: Row = new Map();
        for (let term = matrix.start[row] ?? 0; term < (matrix.start[row + 1] ?? 0); term++) {
            const name = names[matrix.wire[term] ?? 0] ?? "?";
            const weight = r1cs.coefficients[matrix.coefficient[term] ?? 0] ?? 0n;
            terms.set(name, mod((terms.get(name) ?? 0n) + weight));
        }
        return new Map([...terms].filter(([, weight]) => weight !== 0n).sort(([a], [b]) => (a < b ? -1 : 1)));
    };
    const rows = Array.from({ length: r1cs.constraintCount }, (_, row) =>
        canonical({ a: rowOf(r1cs.a, row), b: rowOf(r1cs.b, row), c: rowOf(r1cs.c, row) }),
    );
    return rows.sort();
}

/** Names of all wires of what circom wrote: those of systemOf, its anonymous component NAME_i_j being NAME_k in order. */
export function circomNames({ sym, wireCount }: { sym: Uint8Array; wireCount: number }): string[] {
    const lines = new TextDecoder().decode(sym).trim().split("\n");
    const anonymous = /^main\.([A-Za-z0-9]+_\d+)_(\d+)\./;
    const calls = new Map<string, number>();
    for (const line of lines) {
        const [, call, offset] = anonymous.exec(line.split(",")[3] ?? "") ?? [];
        if (call !== undefined) calls.set(`${call}_${offset}`, Number(offset));
    }
    const ordered = [...calls].sort(([, a], [, b]) => a - b).map(([call]) => call);
    const renamed = new Map(ordered.map((call, index) => [call, call.replace(/_\d+_\d+$/, `_${index}`)]));
    const names = new Array<string>(wireCount).fill("?");
    names[0] = "1";
    for (const line of lines) {
        const [, wire = "-1", , name = ""] = line.split(",");
        const [, call, offset] = anonymous.exec(name) ?? [];
        const known = call === undefined ? undefined : `${call}_${offset}`;
        const full = known === undefined ? name : name.replace(known, renamed.get(known) ?? known);
        if (Number(wire) > 0 && names[Number(wire)] === "?") names[Number(wire)] = full;
    }
    return names;
}

/** What circom wrote, canonically. */
export function canonicalCircom({ r1cs, sym }: { r1cs: Uint8Array; sym: Uint8Array }): string[] {
    const system = readR1cs(r1cs);
    return canonicalSystem({ r1cs: system, names: circomNames({ sym, wireCount: system.wireCount }) });
}

/** A·B = C with the first weight of A and of B made 1 and the two in order; linear ones as C = 0 with a first weight 1. */
function canonical({ a, b, c }: { a: Row; b: Row; c: Row }): string {
    const [left, right] = [constantOf(a), constantOf(b)];
    if (left !== undefined) return linear(minus(scaled(b, left), c));
    if (right !== undefined) return linear(minus(scaled(a, right), c));
    const [leadA, leadB] = [lead(a), lead(b)];
    const factors = [textOf(scaled(a, invert(leadA))), textOf(scaled(b, invert(leadB)))].sort();
    return `(${factors[0]}) (${factors[1]}) = ${textOf(scaled(c, invert(mod(leadA * leadB))))}`;
}

function linear(row: Row): string {
    return row.size === 0 ? "0 = 0" : `${textOf(scaled(row, invert(lead(row))))} = 0`;
}

/** The number that a row without signals is. */
function constantOf(row: Row): bigint | undefined {
    return [...row.keys()].every((name) => name === "1") ? (row.get("1") ?? 0n) : undefined;
}

function lead(row: Row): bigint {
    return [...row.values()][0] ?? 1n;
}

function scaled(row: Row, factor: bigint): Row {
    return new Map([...row].map(([name, weight]) => [name, mod(weight * factor)] as const).filter(([, w]) => w !== 0n));
}

function minus(left: Row, right: Row): Row {
    const names = [...new Set([...left.keys(), ...right.keys()])].sort();
    const terms = names.map((name) => [name, mod((left.get(name) ?? 0n) - (right.get(name) ?? 0n))] as const);
    return new Map(terms.filter(([, weight]) => weight !== 0n));
}

function textOf(row: Row): string {
    return [...row]
        .map(([name, weight]) => `${weight > FIELD_ORDER / 2n ? weight - FIELD_ORDER : weight} ${name}`)
        .join(" + ");
}
