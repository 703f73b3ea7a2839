import { FIELD_ORDER, ProtocolError } from "@assay/protocol";
import { createCoefficients } from "./_matrix.ts";
import { createVector } from "./_vector.ts";
import { balanced } from "./field.ts";
import type { R1cs } from "./r1cs.ts";

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
    return { ...header, ...parseConstraints({ view, offset: sectionOf(view, CONSTRAINT_SECTION).offset, header }) };
}

type Counts = Omit<R1cs, "coefficients" | "a" | "b" | "c">;
type Matrices = Pick<R1cs, "coefficients" | "a" | "b" | "c">;
type Constraints = { view: DataView; offset: number; header: Counts };

function parseConstraints({ view, offset: first, header: { constraintCount, wireCount } }: Constraints): Matrices {
    const coefficients = createCoefficients();
    const matrices = [createParts(), createParts(), createParts()] as const;
    let offset = first;
    for (let row = 0; row < constraintCount; row++) {
        for (const { start, wire, coefficient } of matrices) {
            const terms = view.getUint32(offset, true);
            offset += 4;
            for (let term = 0; term < terms; term++) {
                const number = view.getUint32(offset, true);
                if (number >= wireCount) throw invalid(`Constraint ${row} names wire ${number}.`);
                wire.push(number);
                coefficient.push(coefficients.numberOf(coefficientAt(view, offset + 4)));
                offset += 4 + FIELD_BYTES;
            }
            start.push(wire.length());
        }
    }
    const [a, b, c] = matrices.map(({ start, wire, coefficient }) => ({
        start: start.finish(),
        wire: wire.finish(),
        coefficient: coefficient.finish(),
    }));
    if (a === undefined || b === undefined || c === undefined) throw new RangeError("There are three matrices");
    return { coefficients: coefficients.values(), a, b, c };
}

function createParts() {
    const parts = { start: createVector(), wire: createVector(), coefficient: createVector() };
    parts.start.push(0);
    return parts;
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

function parseHeader(view: DataView, offset: number): Counts {
    if (view.getUint32(offset, true) !== FIELD_BYTES || integerAt(view, offset + 4) !== FIELD_ORDER) {
        throw invalid("It is not over the scalar field of bn254.");
    }
    const fields = offset + 4 + FIELD_BYTES; // wires, outputs, public inputs, private inputs, labels (8 bytes), constraints
    return {
        wireCount: view.getUint32(fields, true),
        publicOutputs: view.getUint32(fields + 4, true),
        publicInputs: view.getUint32(fields + 8, true),
        privateInputs: view.getUint32(fields + 12, true),
        constraintCount: view.getUint32(fields + 24, true),
    };
}

function coefficientAt(view: DataView, offset: number): bigint {
    const value = integerAt(view, offset);
    if (value >= FIELD_ORDER) throw invalid("A coefficient is not below the field order.");
    return balanced(value);
}

function integerAt(view: DataView, offset: number): bigint {
    let value = 0n;
    for (let word = 24; word >= 0; word -= 8) value = (value << 64n) | view.getBigUint64(offset + word, true);
    return value;
}

function invalid(message: string, cause?: unknown): ProtocolError {
    return new ProtocolError({
        code: "R1CS_INVALID",
        message: `The constraint system cannot be read. ${message}`,
        cause,
    });
}
