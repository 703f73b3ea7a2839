import { ATTRIBUTE_TYPE } from "./_attribute.ts";
import { MODEL_PROTO } from "./_schema.ts";
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from "./model.ts";

/** IR version 8 (2021) is the newest that every runtime of the last years reads; it covers all opsets we write. */
const IR_VERSION = 8n;

/**
 * Writes a model as an ONNX file. Equal models give equal bytes: fields in the order of their numbers, attributes by
 * name, tensors as raw_data, no times, versions or paths.
 */
export function writeOnnx(model: OnnxModel): Uint8Array {
    const opsets = [...model.domains].map(([domain, version]) => ({ domain, version: int64(BigInt(version)) }));
    if (model.opset > 0) opsets.unshift({ domain: "", version: int64(BigInt(model.opset)) });
    const message = {
        irVersion: int64(IR_VERSION),
        producerName: "assay",
        opsetImport: opsets,
        graph: {
            node: model.nodes.map(nodeMessage),
            name: model.name,
            initializer: [...model.initializers].map(([name, tensor]) => ({ ...tensorMessage(tensor), name })),
            input: model.inputs.map(valueMessage),
            output: model.outputs.map(valueMessage),
        },
    };
    return Uint8Array.from(MODEL_PROTO.encode(message).finish());
}

function nodeMessage(node: OnnxNode) {
    const attributes = [...node.attributes].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
        input: node.inputs,
        output: node.outputs,
        name: node.name,
        opType: node.op,
        domain: node.domain,
        attribute: attributes.map(([name, attribute]) => ({
            name,
            type: ATTRIBUTE_TYPE[attribute.type],
            ...attributeMessage(attribute),
        })),
    };
}

function attributeMessage(attribute: OnnxAttribute) {
    switch (attribute.type) {
        case "float":
            return { f: attribute.value };
        case "int":
            return { i: int64(attribute.value) };
        case "string":
            return { s: utf8(attribute.value) };
        case "tensor":
            return { t: tensorMessage(attribute.value) };
        case "floats":
            return { floats: attribute.value };
        case "ints":
            return { ints: attribute.value.map(int64) };
        case "strings":
            return { strings: attribute.value.map(utf8) };
    }
}

function tensorMessage({ dtype, shape, data }: OnnxTensor) {
    return {
        dims: shape.map((size) => int64(BigInt(size))),
        dataType: dtype,
        rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    };
}

function valueMessage({ name, dtype, shape }: OnnxValue) {
    const dim = shape?.map((size) =>
        typeof size === "number" ? { dimValue: int64(BigInt(size)) } : { dimParam: size },
    );
    return { name, type: { tensorType: { elemType: dtype, ...(dim === undefined ? {} : { shape: { dim } }) } } };
}

/** The two halves in which protobufjs takes 64-bit integers. */
function int64(value: bigint) {
    return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)), unsigned: false };
}

function utf8(text: string): Uint8Array {
    return new TextEncoder().encode(text);
}
