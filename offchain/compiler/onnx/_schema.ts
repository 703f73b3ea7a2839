import protobuf from "protobufjs/light.js";
import descriptor from "./descriptor.json" with { type: "json" };

const root = protobuf.Root.fromJSON(descriptor);

/** The message type of a whole ONNX file, with the field numbers of onnx.proto for the fields that we read. */
export const MODEL_PROTO = root.lookupType("ModelProto");
