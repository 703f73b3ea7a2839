import { ProtocolError } from "@assay/protocol";
import { readAttribute } from "./_attribute.ts";
import { checkNames } from "./_checkNames.ts";
import { duplicate, malformed, quote, unsupported } from "./_faults.ts";
import { type ModelMessage, modelMessage, type NodeMessage, type TensorMessage } from "./_messages.ts";
import { MODEL_PROTO } from "./_schema.ts";
import { readValue } from "./_value.ts";
import { guardWire } from "./_wireGuard.ts";
import { DTYPE } from "./dtypes.ts";
import { MAX_MODEL_BYTES } from "./limits.ts";
import {
    describeNode,
    type OnnxAttribute,
    type OnnxModel,
    type OnnxNode,
    type OnnxTensor,
    type OnnxValue,
} from "./model.ts";
import { readTensor } from "./tensor.ts";

/** An opset version above this is no version but garbage. */
const MAX_OPSET = 1000n;

/** Reads an ONNX file that may be hostile: a well-formed model of supported features, or a ProtocolError "ONNX_…". */
export function readOnnx(bytes: Uint8Array): OnnxModel {
    const message = decodeModel(bytes);
    const { graph } = message;
    if (graph === null || graph.output.length === 0) throw malformed({ what: "it has no graph with an output" });
    if (message.functions.length > 0) throw unsupported("The model defines functions of its own.");
    if (graph.sparseInitializer.length > 0) throw unsupported("The model has sparse initializers.");
    const initializers = readInitializers(graph.initializer);
    const opsets = readOpsets(message.opsetImport);
    const nodes = graph.node.map((message, index) => readNode({ message, index }));
    const zipped = new Set(nodes.flatMap((node) => (isZipMap(node) ? node.outputs : [])));
    const model: OnnxModel = {
        opset: opsets.get("") ?? 0,
        domains: new Map([...opsets].filter(([domain]) => domain !== "")),
        name: graph.name,
        nodes,
        initializers,
        inputs: graph.input.filter(({ name }) => !initializers.has(name)).map(readValue),
        outputs: graph.output.map((value) => (zipped.has(value.name) ? zippedValue(value) : readValue(value))),
    };
    checkNames(model);
    return model;
}

function decodeModel(bytes: Uint8Array): ModelMessage {
    if (bytes.length > MAX_MODEL_BYTES) {
        throw new ProtocolError({
            code: "ONNX_TOO_LARGE",
            message: `The ONNX file has ${bytes.length} bytes; at most ${MAX_MODEL_BYTES} are read.`,
        });
    }
    try {
        guardWire({ type: MODEL_PROTO, bytes });
        return modelMessage.parse(MODEL_PROTO.decode(bytes));
    } catch (cause) {
        if (cause instanceof ProtocolError) throw cause;
        throw malformed({ what: "its protobuf encoding is broken", cause });
    }
}

function readOpsets(imports: ModelMessage["opsetImport"]): Map<string, number> {
    const opsets = new Map<string, number>();
    for (const { domain: given, version } of imports) {
        const domain = given === "ai.onnx" ? "" : given;
        if (opsets.has(domain)) throw duplicate({ name: domain, where: "the imported operator sets" });
        if (version < 1n || version > MAX_OPSET)
            throw malformed({ what: `it imports opset ${version} of ${quote(domain)}` });
        opsets.set(domain, Number(version));
    }
    if (opsets.size === 0) throw malformed({ what: "it imports no operator set" });
    return opsets;
}

function readInitializers(messages: readonly TensorMessage[]): Map<string, OnnxTensor> {
    const initializers = new Map<string, OnnxTensor>();
    for (const message of messages) {
        const { name } = message;
        if (name === "" || initializers.has(name)) throw duplicate({ name, where: "the initializers" });
        initializers.set(name, readTensor({ message, where: `The initializer ${quote(name)}` }));
    }
    return initializers;
}

function isZipMap({ domain, op }: OnnxNode): boolean {
    return domain === "ai.onnx.ml" && op === "ZipMap";
}

/** Maps from class to score, declared as a sequence: the tensor of scores that they are made of. */
function zippedValue({ name }: { name: string }): OnnxValue {
    return { name, dtype: DTYPE.FLOAT, shape: undefined };
}

function readNode({ message, index }: { message: NodeMessage; index: number }): OnnxNode {
    const attributes = new Map<string, OnnxAttribute>();
    const domain = message.domain === "ai.onnx" ? "" : message.domain;
    const node = {
        op: message.opType,
        domain,
        name: message.name,
        inputs: message.input,
        outputs: message.output,
        attributes,
    };
    const where = describeNode({ node, index });
    for (const attribute of message.attribute) {
        const { name } = attribute;
        if (name === "" || attributes.has(name)) throw duplicate({ name, where: `the attributes of ${where}` });
        attributes.set(name, readAttribute({ message: attribute, where }));
    }
    return node;
}
