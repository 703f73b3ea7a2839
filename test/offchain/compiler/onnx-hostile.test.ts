import type { ErrorCode } from "@assay/protocol";
import { expect } from "chai";
import { MAX_MODEL_BYTES } from "../../../offchain/compiler/onnx/limits.ts";
import { readOnnx } from "../../../offchain/compiler/onnx/readOnnx.ts";
import { writeOnnx } from "../../../offchain/compiler/onnx/writeOnnx.ts";
import { thrownBy } from "./_faults.ts";
import { aModel } from "./_models.ts";
import { aNodeMessage, aTensorMessage, aValueMessage, delimitedField, rawOnnx, rawOnnxOfTensor } from "./_rawOnnx.ts";

type Case = { it: string; bytes: () => Uint8Array; code: ErrorCode; says?: string };

const noRaw = { rawData: undefined };

const CASES: Record<string, Case[]> = {
    "the encoding": [
        { it: "an empty file", bytes: () => new Uint8Array(0), code: "ONNX_MALFORMED", says: "no graph" },
        { it: "a text file", bytes: () => Buffer.from("hello, this is no model"), code: "ONNX_MALFORMED" },
        {
            it: "a singular field given twice",
            bytes: () => Buffer.concat([rawOnnx(), delimitedField({ id: 7, payload: new Uint8Array(0) })]),
            code: "ONNX_MALFORMED",
            says: "ModelProto.graph is given twice",
        },
        {
            it: "a field of the wrong wire type",
            bytes: () => Buffer.concat([rawOnnx(), Uint8Array.of(8 * 8, 1)]),
            code: "ONNX_MALFORMED",
            says: "ModelProto.opsetImport has wire type 0 instead of 2",
        },
        {
            it: "a length beyond the end of the file",
            bytes: () => Uint8Array.of(7 * 8 + 2, 0xff, 0xff, 0xff, 0xff, 0x07),
            code: "ONNX_MALFORMED",
            says: "ModelProto.graph runs over the end",
        },
        {
            it: "groups nested without end",
            bytes: () => new Uint8Array(1000).fill(30 * 8 + 3 - 160),
            code: "ONNX_MALFORMED",
        },
        {
            it: "a name that is not UTF-8",
            bytes: () => Buffer.from(Buffer.from(rawOnnx()).toString("latin1").replace("graph", "gr\xffph"), "latin1"),
            code: "ONNX_MALFORMED",
        },
        {
            it: "an attribute that is not UTF-8",
            bytes: () =>
                rawOnnx({
                    graph: { node: [aNodeMessage({ attribute: [{ name: "a", type: 3, s: Uint8Array.of(255) }] })] },
                }),
            code: "ONNX_MALFORMED",
            says: 'attribute "a" of node 0 (Add) is not UTF-8',
        },
        { it: "no opset", bytes: () => rawOnnx({ opsetImport: [] }), code: "ONNX_MALFORMED", says: "no operator set" },
        {
            it: "opset 0",
            bytes: () => rawOnnx({ opsetImport: [{ version: 0 }] }),
            code: "ONNX_MALFORMED",
            says: "opset 0",
        },
        {
            it: "no outputs",
            bytes: () => rawOnnx({ graph: { output: [] } }),
            code: "ONNX_MALFORMED",
            says: "no graph with an output",
        },
    ],
    size: [
        {
            it: "a file above the limit",
            bytes: () => new Uint8Array(MAX_MODEL_BYTES + 1),
            code: "ONNX_TOO_LARGE",
            says: "67108865 bytes",
        },
        {
            it: "millions of empty nodes",
            bytes: () =>
                delimitedField({
                    id: 7,
                    payload: new Uint8Array(16_000_000).map((_, index) => (index % 2 === 0 ? 10 : 0)),
                }),
            code: "ONNX_TOO_LARGE",
            says: "would decode to",
        },
        {
            it: "millions of one-byte 64-bit integers",
            bytes: () => rawOnnxOfTensor({ dataType: 7, ...noRaw, int64Data: new Uint8Array(4_000_000) }),
            code: "ONNX_TOO_LARGE",
            says: "would decode to",
        },
        {
            it: "a shape of 2^62 elements",
            bytes: () => rawOnnxOfTensor({ dims: [2 ** 31, 2 ** 31] }),
            code: "ONNX_SHAPE_INVALID",
            says: 'The initializer "w" has shape [2147483648, 2147483648]',
        },
        {
            it: "a huge size beside a zero",
            bytes: () => rawOnnxOfTensor({ dims: [0, 2 ** 40], ...noRaw }),
            code: "ONNX_SHAPE_INVALID",
        },
        { it: "a negative size", bytes: () => rawOnnxOfTensor({ dims: [-1, -2] }), code: "ONNX_SHAPE_INVALID" },
        {
            it: "seventeen dimensions",
            bytes: () => rawOnnxOfTensor({ dims: Array(17).fill(1) }),
            code: "ONNX_SHAPE_INVALID",
        },
        {
            it: "a huge graph input",
            bytes: () =>
                rawOnnx({
                    graph: {
                        input: [
                            aValueMessage({
                                type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 2 ** 40 }] } } },
                            }),
                        ],
                    },
                }),
            code: "ONNX_SHAPE_INVALID",
            says: 'The graph value "x"',
        },
    ],
    tensors: [
        {
            it: "a tensor in another file",
            bytes: () =>
                rawOnnxOfTensor({
                    ...noRaw,
                    externalData: [{ key: "location", value: "../../etc/passwd" }],
                    dataLocation: 1,
                }),
            code: "ONNX_EXTERNAL_DATA",
            says: 'The initializer "w" is stored in another file',
        },
        {
            it: "external data that hides its location",
            bytes: () => rawOnnxOfTensor({ dataLocation: 1 }),
            code: "ONNX_EXTERNAL_DATA",
        },
        {
            it: "raw data of another length",
            bytes: () => rawOnnxOfTensor({ rawData: new Uint8Array(7) }),
            code: "ONNX_TENSOR_LENGTH_MISMATCH",
            says: "so 2 elements, but the file holds 1.75",
        },
        { it: "no data", bytes: () => rawOnnxOfTensor(noRaw), code: "ONNX_TENSOR_LENGTH_MISMATCH", says: "holds 0" },
        {
            it: "data in two fields",
            bytes: () => rawOnnxOfTensor({ floatData: [1, 2] }),
            code: "ONNX_MALFORMED",
            says: "in rawData and floatData",
        },
        {
            it: "data in the field of another type",
            bytes: () => rawOnnxOfTensor({ ...noRaw, int32Data: [1, 2] }),
            code: "ONNX_MALFORMED",
            says: "keeps its float32 elements in int32Data",
        },
        {
            it: "an element out of range",
            bytes: () => rawOnnxOfTensor({ dataType: 2, ...noRaw, int32Data: [0, 256] }),
            code: "ONNX_MALFORMED",
        },
        {
            it: "a uint32 out of range",
            bytes: () => rawOnnxOfTensor({ dataType: 12, ...noRaw, uint64Data: [0, 2 ** 32] }),
            code: "ONNX_MALFORMED",
        },
        {
            it: "a bool of 2",
            bytes: () => rawOnnxOfTensor({ dataType: 9, rawData: Uint8Array.of(1, 2) }),
            code: "ONNX_MALFORMED",
        },
        {
            it: "strings",
            bytes: () => rawOnnxOfTensor({ dataType: 8 }),
            code: "ONNX_UNSUPPORTED_DTYPE",
            says: "data type 8",
        },
        {
            it: "segments",
            bytes: () => rawOnnxOfTensor({ segment: Uint8Array.of(8, 1) }),
            code: "ONNX_UNSUPPORTED_FEATURE",
        },
    ],
    features: [
        {
            it: "functions of the model",
            bytes: () => rawOnnx({ functions: [new Uint8Array(0)] }),
            code: "ONNX_UNSUPPORTED_FEATURE",
        },
        {
            it: "sparse initializers",
            bytes: () => rawOnnx({ graph: { sparseInitializer: [new Uint8Array(0)] } }),
            code: "ONNX_UNSUPPORTED_FEATURE",
        },
        {
            it: "a subgraph",
            bytes: () =>
                rawOnnx({
                    graph: {
                        node: [aNodeMessage({ opType: "If", name: "branch", attribute: [{ name: "then", type: 5 }] })],
                    },
                }),
            code: "ONNX_UNSUPPORTED_FEATURE",
            says: 'The attribute "then" of node 0 (If, "branch") has attribute type 5',
        },
        {
            it: "an output that is no tensor",
            bytes: () => rawOnnx({ graph: { output: [{ name: "y", type: {} }] } }),
            code: "ONNX_UNSUPPORTED_FEATURE",
            says: 'The graph value "y" is not declared as a tensor',
        },
        {
            it: "an input without a type",
            bytes: () => rawOnnx({ graph: { input: [{ name: "x" }] } }),
            code: "ONNX_UNSUPPORTED_FEATURE",
        },
    ],
    names: [
        {
            it: "two initializers of one name",
            bytes: () => rawOnnx({ graph: { initializer: [aTensorMessage(), aTensorMessage()] } }),
            code: "ONNX_DUPLICATE_NAME",
            says: 'The name "w" in the initializers',
        },
        {
            it: "two inputs of one name",
            bytes: () => rawOnnx({ graph: { input: [aValueMessage(), aValueMessage()] } }),
            code: "ONNX_DUPLICATE_NAME",
        },
        {
            it: "an input without a name",
            bytes: () => rawOnnx({ graph: { input: [aValueMessage({ name: "" })] } }),
            code: "ONNX_DUPLICATE_NAME",
        },
        {
            it: "a node that overwrites a value",
            bytes: () => rawOnnx({ graph: { node: [aNodeMessage({ output: ["x"] })] } }),
            code: "ONNX_DUPLICATE_NAME",
            says: 'The name "x" in node 0 (Add)',
        },
        {
            it: "one output twice",
            bytes: () => rawOnnx({ graph: { output: [aValueMessage({ name: "y" }), aValueMessage({ name: "y" })] } }),
            code: "ONNX_DUPLICATE_NAME",
            says: "in the graph outputs",
        },
        {
            it: "one attribute twice",
            bytes: () =>
                rawOnnx({
                    graph: { node: [aNodeMessage({ attribute: [1, 2].map((i) => ({ name: "a", type: 2, i })) })] },
                }),
            code: "ONNX_DUPLICATE_NAME",
            says: "in the attributes of node 0 (Add)",
        },
        {
            it: "one operator set twice",
            bytes: () => rawOnnx({ opsetImport: [{ version: 13 }, { domain: "ai.onnx", version: 14 }] }),
            code: "ONNX_DUPLICATE_NAME",
        },
        {
            it: "a value that nothing defines",
            bytes: () => rawOnnx({ graph: { node: [aNodeMessage({ input: ["x", "ghost"] })] } }),
            code: "ONNX_UNDEFINED_NAME",
            says: 'The value "ghost" is read by node 0 (Add), which nothing',
        },
        {
            it: "an output that nothing defines",
            bytes: () => rawOnnx({ graph: { output: [aValueMessage({ name: "z" })] } }),
            code: "ONNX_UNDEFINED_NAME",
        },
        {
            it: "nodes in the wrong order",
            bytes: () =>
                rawOnnx({
                    graph: {
                        node: [aNodeMessage({ input: ["x", "v"] }), aNodeMessage({ input: ["x"], output: ["v"] })],
                    },
                }),
            code: "ONNX_USE_BEFORE_DEFINITION",
            says: 'The value "v" is read by node 0 (Add), before it is computed',
        },
        {
            it: "a node that reads itself",
            bytes: () => rawOnnx({ graph: { node: [aNodeMessage({ input: ["y", "w"] })] } }),
            code: "ONNX_USE_BEFORE_DEFINITION",
        },
        {
            it: "control characters, which the message escapes",
            bytes: () => rawOnnx({ graph: { node: [aNodeMessage({ input: ["x", "\u001b[2J"] })] } }),
            code: "ONNX_UNDEFINED_NAME",
            says: '"\\u001b[2J"',
        },
    ],
};

describe("hostile ONNX files", () => {
    for (const [group, cases] of Object.entries(CASES)) {
        describe(group, () => {
            for (const { it: name, bytes, code, says = "" } of cases) {
                it(`refuses ${name}`, () => {
                    const fault = thrownBy(() => readOnnx(bytes()));

                    expect(fault.code).to.equal(code);
                    expect(fault.message).to.include(says);
                });
            }
        });
    }

    it("refuses a model cut at any place", () => {
        const whole = writeOnnx(aModel());
        for (let length = 0; length < whole.length; length++) {
            expect(thrownBy(() => readOnnx(whole.subarray(0, length))).code).to.match(/^ONNX_/);
        }
    });
});
