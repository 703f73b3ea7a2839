import { ProtocolError } from "@assay/protocol";
import { malformed, unsupported } from "./_faults.ts";
import { signed64, type TensorMessage, unsigned64 } from "./_messages.ts";
import { DTYPE, type Dtype, type DtypeLayout, layoutOf, type TensorData } from "./dtypes.ts";
import { MAX_ELEMENTS, MAX_RANK } from "./limits.ts";
import type { OnnxTensor } from "./model.ts";

const PAYLOADS = ["rawData", "floatData", "int32Data", "int64Data", "doubleData", "uint64Data"] as const;

/** The layout of a data type number; throws ONNX_UNSUPPORTED_DTYPE for the types we do not read. */
export function requireLayout({ dtype, where }: { dtype: number; where: string }): DtypeLayout & { dtype: Dtype } {
    const layout = layoutOf(dtype);
    if (layout !== undefined) return layout;
    throw new ProtocolError({
        code: "ONNX_UNSUPPORTED_DTYPE",
        message: `${where} has ONNX data type ${dtype}.`,
    });
}

/** Checks the bounds of a shape and returns its sizes and their product. */
export function readShape({ dims, where }: { dims: readonly bigint[]; where: string }): {
    shape: number[];
    count: number;
} {
    // a zero must not hide a huge neighbour, so it counts as one in the product that is bounded
    const readable = dims.slice(0, MAX_RANK);
    const product = readable.reduce((soFar, size) => soFar * (size > 1n ? size : 1n), 1n);
    if (dims.length > MAX_RANK || product > MAX_ELEMENTS || dims.some((size) => size < 0n)) {
        const sizes = readable.join(", ");
        const allowed = `allowed are ${MAX_RANK} sizes with a product of ${MAX_ELEMENTS}`;
        throw new ProtocolError({ code: "ONNX_SHAPE_INVALID", message: `${where} has shape [${sizes}]; ${allowed}.` });
    }
    const shape = dims.map(Number);
    return { shape, count: shape.reduce((soFar, size) => soFar * size, 1) };
}

/** Turns a TensorProto into a typed array, from raw_data or from the typed field that its data type prescribes. */
export function readTensor({ message, where }: { message: TensorMessage; where: string }): OnnxTensor {
    refuseStorage({ message, where });
    const layout = requireLayout({ dtype: message.dataType, where });
    const { shape, count } = readShape({ dims: message.dims.slice(0, MAX_RANK + 1).map(signed64), where });
    const present = PAYLOADS.filter((name) => message[name].length > 0);
    const stray = present.find((name) => name !== "rawData" && name !== layout.field);
    if (present.length > 1 || stray !== undefined) {
        throw malformed({ what: `${where} keeps its ${layout.name} elements in ${present.join(" and ")}` });
    }
    const raw = present[0] === "rawData";
    const actual = raw ? message.rawData.length / layout.sizeBytes : message[layout.field].length;
    if (actual !== count) {
        throw new ProtocolError({
            code: "ONNX_TENSOR_LENGTH_MISMATCH",
            message: `${where} has shape [${shape.join(", ")}], so ${count} elements, but the file holds ${actual}.`,
        });
    }
    const buffer = new ArrayBuffer(count * layout.sizeBytes);
    const data = layout.view(buffer);
    // raw_data is little-endian, as is every platform that onnxruntime and Node share
    if (raw) new Uint8Array(buffer).set(message.rawData);
    else fillTyped({ data, message, where });
    if (layout.dtype === DTYPE.BOOL && data.some((value) => value !== 0 && value !== 1)) throw outOfRange(where);
    return { dtype: layout.dtype, shape, data };
}

function refuseStorage({ message, where }: { message: TensorMessage; where: string }): void {
    if (message.externalData.length > 0 || message.dataLocation !== 0) {
        throw new ProtocolError({
            code: "ONNX_EXTERNAL_DATA",
            message: `${where} is stored in another file.`,
        });
    }
    if (message.segment.length > 0) {
        throw unsupported(`${where} is stored in segments.`);
    }
}

function fillTyped({ data, message, where }: { data: TensorData; message: TensorMessage; where: string }): void {
    if (data instanceof BigInt64Array) {
        for (const [index, value] of message.int64Data.entries()) data[index] = signed64(value);
    } else if (data instanceof BigUint64Array) {
        for (const [index, value] of message.uint64Data.entries()) data[index] = unsigned64(value);
    } else if (data instanceof Uint32Array) {
        for (const [index, value] of message.uint64Data.entries()) data[index] = value.low;
        if (message.uint64Data.some(({ high }) => high !== 0)) throw outOfRange(where);
    } else if (data instanceof Float32Array) data.set(message.floatData);
    else if (data instanceof Float64Array) data.set(message.doubleData);
    else {
        data.set(message.int32Data);
        if (message.int32Data.some((value, index) => data[index] !== value)) throw outOfRange(where);
    }
}

function outOfRange(where: string) {
    return malformed({ what: `${where} holds an element outside the range of its data type` });
}
