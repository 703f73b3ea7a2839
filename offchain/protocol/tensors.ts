import { type Dtype, dtypeOf } from "./dtypes.ts";
import { ProtocolError } from "./errors/ProtocolError.ts";

/**
 * Canonical bytes of one tensor: elements row-major, big-endian, two's complement, IEEE-754 for floats. Floats may
 * be given as their raw bits, in a bigint; float16 and bfloat16 always are.
 *
 * @example
 * encodeTensor({ dtype: "int16", values: [1n, -2n] }); // Uint8Array.of(0, 1, 255, 254)
 */
export function encodeTensor({
    dtype,
    values,
}: {
    dtype: string | number;
    values: readonly (bigint | number)[];
}): Uint8Array {
    const type = dtypeOf(dtype);
    const bytes = new Uint8Array(values.length * type.size);
    const view = new DataView(bytes.buffer);
    for (const [index, value] of values.entries()) {
        const at = index * type.size;
        if (isIeee(type)) writeFloat({ view, at, type, value: floatOf({ type, value, index }), index });
        else writeInteger({ bytes, at, type, value, index });
    }
    return bytes;
}

/** Elements of canonical bytes: `bigint` for integers, `number` for float32 and float64, raw bits for other floats. */
export function decodeTensor({ dtype, bytes }: { dtype: string | number; bytes: Uint8Array }): (bigint | number)[] {
    const type = dtypeOf(dtype);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: elementCount(type, bytes) }, (_, index) =>
        isIeee(type) ? readFloat(view, index * type.size, type) : readInteger(bytes, index * type.size, type),
    );
}

/** Elements of canonical bytes as circuits take them: integers, or the raw bits of floats. */
export function decodeIntegers({ dtype, bytes }: { dtype: string | number; bytes: Uint8Array }): bigint[] {
    const type = dtypeOf(dtype);
    return Array.from({ length: elementCount(type, bytes) }, (_, index) => readInteger(bytes, index * type.size, type));
}

/** Smallest and largest value of an integer type of `bits` significant bits (its whole width unless told). */
export function integerRange({ dtype, bits }: { dtype: string | number; bits?: number }): { min: bigint; max: bigint } {
    const { size, signed } = dtypeOf(dtype);
    const width = BigInt(bits ?? 8 * size);
    return signed
        ? { min: -(1n << (width - 1n)), max: (1n << (width - 1n)) - 1n }
        : { min: 0n, max: (1n << width) - 1n };
}

function elementCount(type: Dtype, bytes: Uint8Array): number {
    if (bytes.length % type.size === 0) return bytes.length / type.size;
    const message = `${bytes.length} bytes are not whole elements of ${type.name}.`;
    throw new ProtocolError({ code: "TENSOR_LENGTH", message });
}

function isIeee(type: Dtype): boolean {
    return type.name === "float32" || type.name === "float64";
}

function writeFloat({
    view,
    at,
    type,
    value,
    index,
}: {
    view: DataView;
    at: number;
    type: Dtype;
    value: number;
    index: number;
}): void {
    // One encoding per value: NaN has many bit patterns, and a result that is not a number is a failure.
    if (Number.isNaN(value)) throw badValue(index, value, type);
    if (type.size === 4) view.setFloat32(at, value);
    else view.setFloat64(at, value);
}

/** A float, of its raw bits where they are given: setting them as a number keeps every bit of what is no NaN. */
function floatOf({ type, value, index }: { type: Dtype; value: bigint | number; index: number }): number {
    if (typeof value === "number") return value;
    if (value < 0n || value >= 1n << BigInt(8 * type.size)) throw badValue(index, value, type);
    const view = new DataView(new ArrayBuffer(type.size));
    if (type.size === 4) view.setUint32(0, Number(value));
    else view.setBigUint64(0, value);
    return readFloat(view, 0, type);
}

function readFloat(view: DataView, at: number, type: Dtype): number {
    return type.size === 4 ? view.getFloat32(at) : view.getFloat64(at);
}

function writeInteger({
    bytes,
    at,
    type,
    value,
    index,
}: {
    bytes: Uint8Array;
    at: number;
    type: Dtype;
    value: bigint | number;
    index: number;
}): void {
    if (typeof value === "number" && !Number.isSafeInteger(value)) throw badValue(index, value, type);
    const integer = BigInt(value);
    const { min, max } = type.name === "bool" ? { min: 0n, max: 1n } : integerRange({ dtype: type.onnx });
    if (integer < min || integer > max) throw badValue(index, value, type);
    let rest = BigInt.asUintN(8 * type.size, integer);
    for (let i = type.size - 1; i >= 0; i--) {
        bytes[at + i] = Number(rest & 0xffn);
        rest >>= 8n;
    }
}

function readInteger(bytes: Uint8Array, at: number, type: Dtype): bigint {
    const raw = bytes.subarray(at, at + type.size).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
    return type.signed ? BigInt.asIntN(8 * type.size, raw) : raw;
}

function badValue(index: number, value: bigint | number, type: Dtype): ProtocolError {
    return new ProtocolError({ code: "TENSOR_VALUE", message: `Element ${index} is ${value}, not a ${type.name}.` });
}
