import { concat, FIELD_ORDER } from "@assay/protocol";
import { residue } from "../circuit/system/field.ts";
import { publicCountOf, type R1cs } from "../circuit/system/r1cs.ts";
import { at } from "../integer/at.ts";
import { power } from "./_field.ts";

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
        u32(publicCountOf(r1cs)),
        u32(domainSize),
        ...[alpha1, beta1, beta2, gamma2, delta1, delta2],
    );
    const sections: Uint8Array[] = [
        section(1, u32(GROTH16)),
        section(2, header),
        section(3, points.ic),
        section(4, coefficientsOf(r1cs)),
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
function coefficientsOf(r1cs: R1cs): Uint8Array {
    const { a, b, constraintCount, coefficients } = r1cs;
    const publicCount = publicCountOf(r1cs);
    const count = a.wire.length + b.wire.length + publicCount + 1;
    const bytes = new Uint8Array(4 + count * TERM_BYTES);
    const view = new DataView(bytes.buffer);
    const encoded = coefficients.map((value) => littleEndian((residue(value) * MONTGOMERY_SQUARED) % FIELD_ORDER));
    const one = littleEndian(MONTGOMERY_SQUARED);
    let offset = 4;
    const write = ({ matrix, row, wire, value }: { matrix: number; row: number; wire: number; value: Uint8Array }) => {
        view.setUint32(offset, matrix, true);
        view.setUint32(offset + 4, row, true);
        view.setUint32(offset + 8, wire, true);
        bytes.set(value, offset + 12);
        offset += TERM_BYTES;
    };
    view.setUint32(0, count, true);
    for (let row = 0; row < constraintCount; row++) {
        for (const [matrix, { start, wire, coefficient }] of [a, b].entries()) {
            for (let term = at(start, row); term < at(start, row + 1); term++) {
                write({ matrix, row, wire: at(wire, term), value: at(encoded, at(coefficient, term)) });
            }
        }
    }
    for (let wire = 0; wire <= publicCount; wire++) {
        write({ matrix: 0, row: constraintCount + wire, wire, value: one });
    }
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
