import { malformed, quote, unsupported } from "./_faults.ts";
import { type AttributeMessage, signed64 } from "./_messages.ts";
import type { OnnxAttribute } from "./model.ts";
import { readTensor } from "./tensor.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** ONNX AttributeProto.AttributeType numbers that we read. */
export const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7, strings: 8 } as const;

/** Turns an AttributeProto into its typed value; graphs, sparse tensors and types as values are refused. */
export function readAttribute({ message, where }: { message: AttributeMessage; where: string }): OnnxAttribute {
    const place = `The attribute ${quote(message.name)} of ${where}`;
    switch (message.type) {
        case ATTRIBUTE_TYPE.float:
            return { type: "float", value: message.f };
        case ATTRIBUTE_TYPE.int:
            return { type: "int", value: message.i };
        case ATTRIBUTE_TYPE.string:
            return { type: "string", value: text({ bytes: Uint8Array.from(message.s), place }) };
        case ATTRIBUTE_TYPE.floats:
            return { type: "floats", value: message.floats };
        case ATTRIBUTE_TYPE.ints:
            return { type: "ints", value: message.ints.map(signed64) };
        case ATTRIBUTE_TYPE.strings:
            return { type: "strings", value: message.strings.map((bytes) => text({ bytes, place })) };
        case ATTRIBUTE_TYPE.tensor:
            if (message.t !== null) return { type: "tensor", value: readTensor({ message: message.t, where: place }) };
    }
    throw unsupported(`${place} has attribute type ${message.type}.`);
}

function text({ bytes, place }: { bytes: Uint8Array; place: string }): string {
    try {
        return decoder.decode(bytes);
    } catch (cause) {
        throw malformed({ what: `${place} is not UTF-8`, cause });
    }
}
