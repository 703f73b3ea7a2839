import { FIELD_ORDER, ProtocolError } from "@assay/protocol";

/** One matrix in coordinate form, in file order. */
export interface SparseMatrix {
    row: number[];
    wire: number[];
    coefficient: bigint[];
}

/** A constraint system: A·w ∘ B·w = C·w, wire 0 is 1, the public wires follow. */
export interface R1cs {
    wireCount: number;
    /** Outputs and public inputs, without wire 0. */
    publicCount: number;
    constraintCount: number;
    a: SparseMatrix;
    b: SparseMatrix;
    c: SparseMatrix;
}

const MAGIC = "r1cs";
const HEADER_SECTION = 1;
const CONSTRAINT_SECTION = 2;
const LABEL_SECTION = 3;
const LABEL_BYTES = 8;
const FIELD_BYTES = 32;

/** Reads the binary r1cs format of iden3, version 1, over the scalar field of bn254; throws R1CS_INVALID. */
export function readR1cs(bytes: Uint8Array): R1cs {
    try {
        return parse(bytes);
    } catch (cause) {
        if (cause instanceof RangeError) throw invalid("It ends too early.", cause);
        throw cause;
    }
}

function parse(bytes: Uint8Array): R1cs {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (new TextDecoder().decode(bytes.subarray(0, 4)) !== MAGIC || view.getUint32(4, true) !== 1) {
        throw invalid("It is not an r1cs file of version 1.");
    }
    const header = parseHeader(view, sectionOf(view, HEADER_SECTION).offset);
    if (sectionOf(view, LABEL_SECTION).length !== LABEL_BYTES * header.wireCount) {
        throw invalid(`It has no label for each of ${header.wireCount} wires.`); // so that no array is larger than the file
    }
    const system: R1cs = { ...header, a: emptyMatrix(), b: emptyMatrix(), c: emptyMatrix() };
    const seen = new Map<string, bigint>();
    let { offset } = sectionOf(view, CONSTRAINT_SECTION);
    for (let row = 0; row < header.constraintCount; row++) {
        for (const matrix of [system.a, system.b, system.c]) {
            const terms = view.getUint32(offset, true);
            offset += 4;
            for (let k = 0; k < terms; k++) {
                const wire = view.getUint32(offset, true);
                if (wire >= header.wireCount) throw invalid(`Constraint ${row} names wire ${wire}.`);
                matrix.row.push(row);
                matrix.wire.push(wire);
                matrix.coefficient.push(coefficientAt(view, offset + 4, seen));
                offset += 4 + FIELD_BYTES;
            }
        }
    }
    return system;
}

/** Where the content of a section lies. */
function sectionOf(view: DataView, wanted: number): { offset: number; length: number } {
    let offset = 12;
    for (let i = view.getUint32(8, true); i > 0; i--) {
        const length = Number(view.getBigUint64(offset + 4, true));
        if (offset + 12 + length > view.byteLength) throw invalid("A section is longer than the file.");
        if (view.getUint32(offset, true) === wanted) return { offset: offset + 12, length };
        offset += 12 + length;
    }
    throw invalid(`Section ${wanted} is missing.`);
}

function parseHeader(view: DataView, offset: number): Pick<R1cs, "wireCount" | "publicCount" | "constraintCount"> {
    if (view.getUint32(offset, true) !== FIELD_BYTES || integerAt(view, offset + 4) !== FIELD_ORDER) {
        throw invalid("It is not over the scalar field of bn254.");
    }
    const fields = offset + 4 + FIELD_BYTES; // wires, outputs, public inputs, private inputs, labels (8 bytes), constraints
    return {
        wireCount: view.getUint32(fields, true),
        publicCount: view.getUint32(fields + 4, true) + view.getUint32(fields + 8, true),
        constraintCount: view.getUint32(fields + 24, true),
    };
}

/** Equal coefficients share one bigint: a network has thousands of terms but few distinct weights. */
function coefficientAt(view: DataView, offset: number, seen: Map<string, bigint>): bigint {
    const key = `${view.getBigUint64(offset, true)},${view.getBigUint64(offset + 8, true)},${view.getBigUint64(offset + 16, true)},${view.getBigUint64(offset + 24, true)}`;
    const known = seen.get(key);
    if (known !== undefined) return known;
    const value = integerAt(view, offset);
    if (value >= FIELD_ORDER) throw invalid("A coefficient is not below the field order.");
    seen.set(key, value);
    return value;
}

function integerAt(view: DataView, offset: number): bigint {
    return [24, 16, 8, 0].reduce((value, at) => (value << 64n) | view.getBigUint64(offset + at, true), 0n);
}

function emptyMatrix(): SparseMatrix {
    return { row: [], wire: [], coefficient: [] };
}

function invalid(message: string, cause?: unknown): ProtocolError {
    return new ProtocolError({
        code: "R1CS_INVALID",
        message: `The constraint system cannot be read. ${message}`,
        cause,
    });
}
