import { ProtocolError } from "@assay/protocol";
import { publicCountOf, type R1cs, type SparseMatrix } from "../circuit/system/r1cs.ts";
import { mod, TWO_ADICITY } from "./_field.ts";
import { lagrangeAt } from "./_lagrange.ts";

/** The polynomials of every wire, evaluated at tau. */
export interface QapAtTau {
    a: bigint[];
    b: bigint[];
    c: bigint[];
}

/**
 * Size of the evaluation domain: one row per constraint, and one per public wire and wire 0 that binds it to A. Throws
 * R1CS_INVALID when the doubled domain, which the quotient needs, does not exist in the field.
 */
export function log2DomainSize(r1cs: Pick<R1cs, "constraintCount" | "publicOutputs" | "publicInputs">): number {
    const { constraintCount } = r1cs;
    const rows = constraintCount + publicCountOf(r1cs) + 1;
    const log2Size = Math.max(1, Math.ceil(Math.log2(rows)));
    if (log2Size < TWO_ADICITY) return log2Size;
    const message = `${constraintCount} constraints do not fit a domain of 2^${TWO_ADICITY - 1} points.`;
    throw new ProtocolError({ code: "R1CS_INVALID", message });
}

/** A_i(tau), B_i(tau) and C_i(tau) of every wire i. */
export function qapAt({ r1cs, tau }: { r1cs: R1cs; tau: bigint }): QapAtTau {
    const rows = lagrangeAt({ tau, log2Size: log2DomainSize(r1cs) });
    const a = columnSums({ r1cs, matrix: r1cs.a, rows });
    for (let wire = 0; wire <= publicCountOf(r1cs); wire++) {
        a[wire] = mod((a[wire] ?? 0n) + (rows[r1cs.constraintCount + wire] ?? 0n));
    }
    return { a, b: columnSums({ r1cs, matrix: r1cs.b, rows }), c: columnSums({ r1cs, matrix: r1cs.c, rows }) };
}

type Columns = { r1cs: R1cs; matrix: SparseMatrix; rows: readonly bigint[] };

/** Small weights times values below p: sums are brought below p at the end. */
function columnSums({ r1cs, matrix: { start, wire, coefficient }, rows }: Columns): bigint[] {
    const sums = new Array<bigint>(r1cs.wireCount).fill(0n);
    for (let row = 0; row < r1cs.constraintCount; row++) {
        const value = rows[row] ?? 0n;
        for (let term = start[row] ?? 0; term < (start[row + 1] ?? 0); term++) {
            const column = wire[term] ?? 0;
            const weight = r1cs.coefficients[coefficient[term] ?? 0] ?? 0n;
            sums[column] = (sums[column] ?? 0n) + weight * value;
        }
    }
    return sums.map(mod);
}
