/**
 * Walks the protobuf wire format before it is decoded, and allocates nothing. protobufjs builds an object for every
 * message and a number or a Long for every scalar, so a file of two-byte empty messages would occupy hundreds of
 * times its size; and it accepts what no exporter writes: a singular field given twice, wrong wire types.
 */

import { ProtocolError } from "@assay/protocol";
import protobuf from "protobufjs/light.js";
import { malformed } from "./_faults.ts";
import { MAX_DECODED_BYTES } from "./limits.ts";

type Walk = { reader: protobuf.Reader; decodedBytes: number };

/** Estimated memory of one decoded value and of its parsed copy, bytes; generous on purpose. */
const MESSAGE_BYTES = 640;
const TEXT_BYTES = 160;
const LONG_BYTES = 96;
const NUMBER_BYTES = 24;

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

const WIRE_TYPES: Record<string, number> = { double: FIXED64, float: FIXED32, string: 2, bytes: 2 };

/** Throws ONNX_MALFORMED or ONNX_TOO_LARGE unless `bytes` is one well-formed message of `type` that decodes small. */
export function guardWire({ type, bytes }: { type: protobuf.Type; bytes: Uint8Array }): void {
    const walk: Walk = { reader: protobuf.Reader.create(bytes), decodedBytes: 0 };
    walkMessage(walk, { type, end: bytes.length });
}

function walkMessage(walk: Walk, { type, end }: { type: protobuf.Type; end: number }): void {
    const { reader } = walk;
    charge(walk, MESSAGE_BYTES);
    let seen = 0; // one bit per field number: all of ours are below 32
    while (reader.pos < end) {
        const tag = reader.tag();
        const id = tag >>> 3;
        const wireType = tag & 7;
        const field = type.fieldsById[id];
        if (field === undefined) {
            reader.skipType(wireType, 0, id);
            continue;
        }
        if (!field.repeated) {
            if ((seen & (1 << id)) !== 0) throw malformed({ what: `${type.name}.${field.name} is given twice` });
            seen |= 1 << id;
        }
        walkField(walk, { type, field, wireType });
    }
    if (reader.pos !== end) throw malformed({ what: `${type.name} runs over its end` });
}

function walkField(
    walk: Walk,
    { type, field, wireType }: { type: protobuf.Type; field: protobuf.Field; wireType: number },
) {
    const { reader } = walk;
    const scalarWireType = field.resolvedType === null ? (WIRE_TYPES[field.type] ?? VARINT) : LENGTH_DELIMITED;
    const packed = field.repeated && scalarWireType !== LENGTH_DELIMITED && wireType === LENGTH_DELIMITED;
    if (wireType !== scalarWireType && !packed) {
        throw malformed({ what: `${type.name}.${field.name} has wire type ${wireType} instead of ${scalarWireType}` });
    }
    if (wireType !== LENGTH_DELIMITED) {
        charge(walk, LONG_BYTES);
        reader.skipType(wireType, 0, field.id);
        return;
    }
    const sizeBytes = reader.size();
    const end = reader.pos + sizeBytes;
    if (end > reader.len) throw malformed({ what: `${type.name}.${field.name} runs over the end of the file` });
    if (field.resolvedType instanceof protobuf.Type) {
        walkMessage(walk, { type: field.resolvedType, end });
        return;
    }
    if (packed) charge(walk, packedBytes({ reader, end, field, scalarWireType }));
    else charge(walk, TEXT_BYTES + (field.type === "string" ? 4 * sizeBytes : 0));
    reader.pos = end;
}

/** Estimated memory of a packed field. */
function packedBytes(options: { reader: protobuf.Reader; end: number; field: protobuf.Field; scalarWireType: number }) {
    const { reader, end, field, scalarWireType } = options;
    if (scalarWireType === FIXED32) return ((end - reader.pos) / 4) * NUMBER_BYTES;
    if (scalarWireType === FIXED64) return ((end - reader.pos) / 8) * NUMBER_BYTES;
    let count = 0;
    for (let at = reader.pos; at < end; at += 1) if ((reader.buf[at] ?? 0) < 0x80) count += 1;
    return count * (field.type.endsWith("int64") ? LONG_BYTES : NUMBER_BYTES);
}

function charge(walk: Walk, bytes: number): void {
    walk.decodedBytes += bytes;
    if (walk.decodedBytes <= MAX_DECODED_BYTES) return;
    throw new ProtocolError({
        code: "ONNX_TOO_LARGE",
        message: `The ONNX file would decode to more than ${MAX_DECODED_BYTES} bytes.`,
    });
}
