import { DTYPE, type Dtype, layoutOf } from "../../../offchain/compiler/onnx/dtypes.ts";
import { tensorOfIntegers } from "../../../offchain/compiler/onnx/elements.ts";
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor } from "../../../offchain/compiler/onnx/model.ts";

/** Names of element types as tests write them. */
export const DTYPE_OF = {
    float32: DTYPE.FLOAT,
    float64: DTYPE.DOUBLE,
    uint8: DTYPE.UINT8,
    int8: DTYPE.INT8,
    uint16: DTYPE.UINT16,
    int16: DTYPE.INT16,
    int32: DTYPE.INT32,
    int64: DTYPE.INT64,
    uint32: DTYPE.UINT32,
    uint64: DTYPE.UINT64,
    bool: DTYPE.BOOL,
} as const satisfies Record<string, Dtype>;

export type TypeName = keyof typeof DTYPE_OF;

const TYPE_NAMES: TypeName[] = [
    "float32",
    "float64",
    "uint8",
    "int8",
    "uint16",
    "int16",
    "int32",
    "int64",
    "uint32",
    "uint64",
    "bool",
];

/** A tensor of whole numbers. */
export function aTensor({ type, shape, values }: { type: TypeName; shape: number[]; values: bigint[] }): OnnxTensor {
    const layout = layoutOf(DTYPE_OF[type]);
    if (layout === undefined) throw new Error(`no layout of ${type}`);
    return { dtype: layout.dtype, shape, data: tensorOfIntegers({ layout, values }) };
}

/** A node with one output, named like it. Attribute values: integers, lists of them, or strings. */
export function aNode(
    op: string,
    {
        inputs,
        output,
        attributes = {},
    }: { inputs: string[]; output: string; attributes?: Record<string, bigint | bigint[] | string> },
): OnnxNode {
    return {
        op,
        domain: "",
        name: output,
        inputs,
        outputs: [output],
        attributes: new Map(Object.entries(attributes).map(([name, value]) => [name, attributeOf(value)])),
    };
}

function attributeOf(value: bigint | bigint[] | string): OnnxAttribute {
    if (typeof value === "bigint") return { type: "int", value };
    return typeof value === "string" ? { type: "string", value } : { type: "ints", value };
}

/** A small well-formed model: y = Relu(x·w + b) on float32 [1, 2], unless told otherwise. */
export function aModel(overrides: Partial<OnnxModel> = {}): OnnxModel {
    return {
        opset: 17,
        domains: new Map(),
        name: "graph",
        nodes: [
            aNode("MatMul", { inputs: ["x", "w"], output: "product" }),
            aNode("Add", { inputs: ["product", "b"], output: "sum" }),
            aNode("Relu", { inputs: ["sum"], output: "y" }),
        ],
        initializers: new Map([
            ["w", aTensor({ type: "float32", shape: [2, 2], values: [1n, -2n, 3n, 4n] })],
            ["b", aTensor({ type: "float32", shape: [2], values: [5n, -6n] })],
        ]),
        inputs: [{ name: "x", dtype: DTYPE.FLOAT, shape: [1, 2] }],
        outputs: [{ name: "y", dtype: DTYPE.FLOAT, shape: [1, 2] }],
        ...overrides,
    };
}

/** A model with every attribute type, element type and kind of dimension. */
export function aRichModel(): OnnxModel {
    const attributes: [string, OnnxAttribute][] = [
        ["a", { type: "float", value: -0.5 }],
        ["b", { type: "int", value: -(2n ** 63n) }],
        ["c", { type: "string", value: "\u{feff}größer" }],
        ["d", { type: "tensor", value: aTensor({ type: "int8", shape: [2], values: [-128n, 127n] }) }],
        ["e", { type: "floats", value: [0, Number.POSITIVE_INFINITY] }],
        ["f", { type: "ints", value: [0n, 2n ** 63n - 1n] }],
        ["g", { type: "strings", value: ["", "x"] }],
        ["h", { type: "int", value: 0n }],
    ];
    const everything = aNode("Everything", { inputs: ["x", "", "float32"], output: "y" });
    return aModel({
        domains: new Map([["ai.onnx.ml", 3]]),
        nodes: [{ ...everything, domain: "ai.onnx.ml", attributes: new Map(attributes) }],
        initializers: new Map(TYPE_NAMES.map((type) => [type, aTensor({ type, shape: [2, 1], values: [0n, 1n] })])),
        inputs: [{ name: "x", dtype: DTYPE.INT8, shape: ["batch", 3, ""] }],
        outputs: [{ name: "y", dtype: DTYPE.BOOL, shape: undefined }],
    });
}

/** Reproducible whole numbers in [min, max], spread over all of it. */
export function someIntegers({ count, min, max, seed }: { count: number; min: bigint; max: bigint; seed: bigint }) {
    let state = seed;
    return Array.from({ length: count }, () => {
        // a 128-bit linear congruential generator; its upper 64 bits are even enough for tests
        state = BigInt.asUintN(128, state * 47026247687942121848144207491837523525n + 1442695040888963407n);
        return min + (((state >> 64n) * (max - min + 1n)) >> 64n);
    });
}
