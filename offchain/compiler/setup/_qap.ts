import { FIELD_ORDER, ProtocolError } from "@assay/protocol";
import { mod, TWO_ADICITY } from "./_field.ts";
import { lagrangeAt } from "./_lagrange.ts";
import type { R1cs, SparseMatrix } from "./_readR1cs.ts";

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
export function log2DomainSize({
    constraintCount,
    publicCount,
}: Pick<R1cs, "constraintCount" | "publicCount">): number {
    const rows = constraintCount + publicCount + 1;
    const log2Size = Math.max(1, Math.ceil(Math.log2(rows)));
    if (log2Size < TWO_ADICITY) return log2Size;
    const message = `${constraintCount} constraints do not fit a domain of 2^${TWO_ADICITY - 1} points.`;
    throw new ProtocolError({ code: "R1CS_INVALID", message });
}

/** A_i(tau), B_i(tau) and C_i(tau) of every wire i. */
export function qapAt({ r1cs, tau }: { r1cs: R1cs; tau: bigint }): QapAtTau {
    const rows = lagrangeAt({ tau, log2Size: log2DomainSize(r1cs) });
    const a = columnSums({ matrix: r1cs.a, rows, wireCount: r1cs.wireCount });
    for (let wire = 0; wire <= r1cs.publicCount; wire++) {
        a[wire] = mod((a[wire] ?? 0n) + (rows[r1cs.constraintCount + wire] ?? 0n));
    }
    return {
        a,
        b: columnSums({ matrix: r1cs.b, rows, wireCount: r1cs.wireCount }),
        c: columnSums({ matrix: r1cs.c, rows, wireCount: r1cs.wireCount }),
    };
}

function columnSums({
    matrix,
    rows,
    wireCount,
}: {
    matrix: SparseMatrix;
    rows: readonly bigint[];
    wireCount: number;
}): bigint[] {
    const sums = new Array<bigint>(wireCount).fill(0n);
    matrix.coefficient.forEach((coefficient, i) => {
        const wire = matrix.wire[i] ?? 0;
        const row = rows[matrix.row[i] ?? 0] ?? 0n;
        sums[wire] = ((sums[wire] ?? 0n) + coefficient * row) % FIELD_ORDER;
    });
    return sums;
}
