import protobuf from "protobufjs/light.js";
import descriptor from "../../../offchain/compiler/onnx/descriptor.json" with { type: "json" };

const MODEL_PROTO = protobuf.Root.fromJSON(descriptor).lookupType("ModelProto");

type Message = Record<string, unknown>;

/** A TensorProto holding float32 [2], unless told otherwise. */
export function aTensorMessage(overrides: Message = {}): Message {
    return { name: "w", dataType: 1, dims: [2], rawData: new Uint8Array(8), ...overrides };
}

/** A ValueInfoProto of float32 [1, 2], unless told otherwise. */
export function aValueMessage(overrides: Message = {}): Message {
    const shape = { dim: [{ dimValue: 1 }, { dimValue: 2 }] };
    return { name: "x", type: { tensorType: { elemType: 1, shape } }, ...overrides };
}

/** A NodeProto y = Add(x, w), unless told otherwise. */
export function aNodeMessage(overrides: Message = {}): Message {
    return { opType: "Add", input: ["x", "w"], output: ["y"], ...overrides };
}

/** A GraphProto y = Add(x, w), unless told otherwise. */
export function aGraphMessage(overrides: Message = {}): Message {
    return {
        name: "graph",
        node: [aNodeMessage()],
        initializer: [aTensorMessage()],
        input: [aValueMessage()],
        output: [aValueMessage({ name: "y" })],
        ...overrides,
    };
}

/** The bytes of a ModelProto, whether or not it is a valid model. */
export function rawOnnx({ graph = {}, ...overrides }: Message & { graph?: Message } = {}): Uint8Array {
    const opsetImport = [{ domain: "", version: 17 }];
    return MODEL_PROTO.encode({ irVersion: 8, opsetImport, graph: aGraphMessage(graph), ...overrides }).finish();
}

/** A model whose only initializer is this tensor. */
export function rawOnnxOfTensor(tensor: Message): Uint8Array {
    return rawOnnx({ graph: { initializer: [aTensorMessage(tensor)] } });
}

/** One protobuf field with a length-delimited payload. */
export function delimitedField({ id, payload }: { id: number; payload: Uint8Array }): Uint8Array {
    return protobuf.Writer.create()
        .uint32(id * 8 + 2)
        .bytes(payload)
        .finish();
}
