import { FIELD_ORDER } from "@assay/protocol";
import { residue } from "./field.ts";
import type { R1cs, SparseMatrix } from "./r1cs.ts";

const FIELD_BYTES = 32;
const TERM_BYTES = 4 + FIELD_BYTES;
const FILE_HEADER_BYTES = 12;
const SECTION_HEADER_BYTES = 12;
const HEADER_BYTES = 4 + FIELD_BYTES + 4 * 4 + 8 + 4;
const LABEL_BYTES = 8;

/** The .r1cs file, iden3's format version 1; a wire's label is its number. Equal systems give equal bytes. */
export function writeR1cs(r1cs: R1cs): Uint8Array {
    const { constraintCount, wireCount, a, b, c } = r1cs;
    const terms = a.wire.length + b.wire.length + c.wire.length;
    const constraintBytes = 4 * 3 * constraintCount + terms * TERM_BYTES;
    const sizes = [HEADER_BYTES, constraintBytes, LABEL_BYTES * wireCount];
    const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + SECTION_HEADER_BYTES + size, FILE_HEADER_BYTES));
    const view = new DataView(bytes.buffer);
    bytes.set(new TextEncoder().encode("r1cs"));
    view.setUint32(4, 1, true);
    view.setUint32(8, sizes.length, true);
    const offsets: number[] = [];
    let offset = FILE_HEADER_BYTES;
    for (const [index, size] of sizes.entries()) {
        view.setUint32(offset, index + 1, true);
        view.setBigUint64(offset + 4, BigInt(size), true);
        offsets.push(offset + SECTION_HEADER_BYTES);
        offset += SECTION_HEADER_BYTES + size;
    }
    const [header = 0, constraints = 0, labels = 0] = offsets;
    writeHeader({ view, offset: header, r1cs });
    writeConstraints({ bytes, view, offset: constraints, r1cs });
    for (let wire = 0; wire < wireCount; wire++) view.setUint32(labels + LABEL_BYTES * wire, wire, true);
    return bytes;
}

function writeHeader({ view, offset, r1cs }: { view: DataView; offset: number; r1cs: R1cs }): void {
    const { wireCount, publicOutputs, publicInputs, privateInputs, constraintCount } = r1cs;
    view.setUint32(offset, FIELD_BYTES, true);
    writeValue({ view, offset: offset + 4, value: FIELD_ORDER });
    const counts = offset + 4 + FIELD_BYTES;
    for (const [index, count] of [wireCount, publicOutputs, publicInputs, privateInputs].entries()) {
        view.setUint32(counts + 4 * index, count, true);
    }
    view.setBigUint64(counts + 16, BigInt(wireCount), true); // number of labels
    view.setUint32(counts + 24, constraintCount, true);
}

type Target = { bytes: Uint8Array; view: DataView; offset: number; r1cs: R1cs };

function writeConstraints({ bytes, view, offset, r1cs: { coefficients, constraintCount, a, b, c } }: Target): void {
    const encoded = new Uint8Array(coefficients.length * FIELD_BYTES);
    const encodedView = new DataView(encoded.buffer);
    for (const [index, value] of coefficients.entries()) {
        writeValue({ view: encodedView, offset: index * FIELD_BYTES, value: residue(value) });
    }
    let position = offset;
    const writeRow = ({ start, wire, coefficient }: SparseMatrix, row: number): void => {
        const [first, end] = [start[row] ?? 0, start[row + 1] ?? 0];
        view.setUint32(position, end - first, true);
        position += 4;
        for (let term = first; term < end; term++) {
            view.setUint32(position, wire[term] ?? 0, true);
            const source = (coefficient[term] ?? 0) * FIELD_BYTES;
            bytes.set(encoded.subarray(source, source + FIELD_BYTES), position + 4);
            position += TERM_BYTES;
        }
    };
    for (let row = 0; row < constraintCount; row++) {
        for (const matrix of [a, b, c]) writeRow(matrix, row);
    }
}

function writeValue({ view, offset, value }: { view: DataView; offset: number; value: bigint }): void {
    for (let word = 0; word < FIELD_BYTES / 8; word++) {
        view.setBigUint64(offset + 8 * word, BigInt.asUintN(64, value >> BigInt(64 * word)), true);
    }
}
