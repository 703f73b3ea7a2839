import { concat, FIELD_ORDER } from "@assay/protocol";
import { power } from "./_field.ts";
import type { R1cs } from "./_readR1cs.ts";

/** Order of the base field: coordinates of points lie below it. */
export const BASE_FIELD_ORDER = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
const MONTGOMERY_SQUARED = power(2n, 512n); // (2^256)^2
const GROTH16 = 1;
const FIELD_BYTES = 32;
const TERM_BYTES = 12 + FIELD_BYTES;

/** Points of a proving key, affine in Montgomery form. */
export interface ZkeyPoints {
    alpha1: Uint8Array;
    beta1: Uint8Array;
    beta2: Uint8Array;
    gamma2: Uint8Array;
    delta1: Uint8Array;
    delta2: Uint8Array;
    ic: Uint8Array;
    a: Uint8Array;
    b1: Uint8Array;
    b2: Uint8Array;
    c: Uint8Array;
    h: Uint8Array;
}

/**
 * A proving key in snarkjs' binary format: groth16, version 1, no contributions. `circuitHash` (64 bytes) stands where
 * snarkjs keeps the hash of the circuit that contributions start from.
 */
export function zkeyFile({
    r1cs,
    domainSize,
    points,
    circuitHash,
}: {
    r1cs: R1cs;
    domainSize: number;
    points: ZkeyPoints;
    circuitHash: Uint8Array;
}): Uint8Array {
    const { alpha1, beta1, beta2, gamma2, delta1, delta2 } = points;
    const header = concat(
        u32(FIELD_BYTES),
        littleEndian(BASE_FIELD_ORDER),
        u32(FIELD_BYTES),
        littleEndian(FIELD_ORDER),
        u32(r1cs.wireCount),
        u32(r1cs.publicCount),
        u32(domainSize),
        ...[alpha1, beta1, beta2, gamma2, delta1, delta2],
    );
    const sections: Uint8Array[] = [
        section(1, u32(GROTH16)),
        section(2, header),
        section(3, points.ic),
        section(4, coefficients(r1cs)),
        section(5, points.a),
        section(6, points.b1),
        section(7, points.b2),
        section(8, points.c),
        section(9, points.h),
        section(10, concat(circuitHash, u32(0))),
    ];
    return concat(new TextEncoder().encode("zkey"), u32(1), u32(sections.length), ...sections);
}

/** Terms of A and B row by row, then one row per public wire that binds it to A; values times 2^512. */
function coefficients({ a, b, publicCount, constraintCount }: R1cs): Uint8Array {
    const bytes = new Uint8Array(4 + (a.row.length + b.row.length + publicCount + 1) * TERM_BYTES);
    const view = new DataView(bytes.buffer);
    const known = new Map<bigint, Uint8Array>();
    let offset = 4;
    const write = (matrix: number, row: number, wire: number, value: bigint): void => {
        const scaled = known.get(value) ?? littleEndian((value * MONTGOMERY_SQUARED) % FIELD_ORDER);
        known.set(value, scaled);
        [matrix, row, wire].forEach((field, i) => {
            view.setUint32(offset + 4 * i, field, true);
        });
        bytes.set(scaled, offset + 12);
        offset += TERM_BYTES;
    };

    view.setUint32(0, a.row.length + b.row.length + publicCount + 1, true);
    const next = [0, 0];
    for (let row = 0; row < constraintCount; row++) {
        [a, b].forEach((terms, matrix) => {
            let i = next[matrix] ?? 0;
            for (; terms.row[i] === row; i++) write(matrix, row, terms.wire[i] ?? 0, terms.coefficient[i] ?? 0n);
            next[matrix] = i;
        });
    }
    for (let wire = 0; wire <= publicCount; wire++) write(0, constraintCount + wire, wire, 1n);
    return bytes;
}

function section(id: number, content: Uint8Array): Uint8Array {
    const size = new Uint8Array(8);
    new DataView(size.buffer).setBigUint64(0, BigInt(content.length), true);
    return concat(u32(id), size, content);
}

function u32(value: number): Uint8Array {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, true);
    return bytes;
}

function littleEndian(value: bigint): Uint8Array {
    const bytes = new Uint8Array(FIELD_BYTES);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < 4; i++) view.setBigUint64(8 * i, (value >> BigInt(64 * i)) & 0xffff_ffff_ffff_ffffn, true);
    return bytes;
}
