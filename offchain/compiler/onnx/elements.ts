/** The elements of a tensor as whole numbers and in the canonical encoding (row-major, big-endian). */
import { ProtocolError } from "@assay/protocol";
import type { DtypeLayout, TensorData } from "./dtypes.ts";

/** Writes whole numbers as a typed array; throws RUNTIME_INPUT_MISMATCH if one is not represented exactly. */
export function tensorOfIntegers({ layout, values }: { layout: DtypeLayout; values: readonly bigint[] }): TensorData {
    const data = layout.view(new ArrayBuffer(values.length * layout.sizeBytes));
    for (const [index, value] of values.entries()) {
        if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[index] = value;
        else data[index] = Number(value);
        if (wholeNumber(data[index]) === value) continue;
        const message = `Element ${index} is ${value}, which ${layout.name} does not hold.`;
        throw new ProtocolError({ code: "RUNTIME_INPUT_MISMATCH", message });
    }
    return data;
}

/** The elements of a typed array as whole numbers; throws RUNTIME_FAILED if one is not whole. */
export function integersOfTensor(data: TensorData): bigint[] {
    const values: bigint[] = [];
    for (const value of data) {
        const whole = wholeNumber(value);
        if (whole === undefined) {
            const message = `Output element ${values.length} is ${value}, which is no whole number.`;
            throw new ProtocolError({ code: "RUNTIME_FAILED", message });
        }
        values.push(whole);
    }
    return values;
}

/** Reads the canonical encoding; `bytes` must be a whole number of elements. */
export function tensorOfBytes({ layout, bytes }: { layout: DtypeLayout; bytes: Uint8Array }): TensorData {
    return layout.view(reverseElements({ bytes, sizeBytes: layout.sizeBytes }).buffer);
}

/** Writes the canonical encoding. */
export function bytesOfTensor(data: TensorData): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return reverseElements({ bytes, sizeBytes: data.BYTES_PER_ELEMENT });
}

function wholeNumber(value: number | bigint | undefined): bigint | undefined {
    if (typeof value === "bigint") return value;
    return Number.isInteger(value) ? BigInt(value ?? 0) : undefined;
}

/** A copy with the bytes of each element in the other order: typed arrays are little-endian wherever Node runs. */
function reverseElements({ bytes, sizeBytes }: { bytes: Uint8Array; sizeBytes: number }): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(bytes.length);
    copy.set(bytes);
    for (let start = 0; sizeBytes > 1 && start < copy.length; start += sizeBytes) {
        copy.subarray(start, start + sizeBytes).reverse();
    }
    return copy;
}
