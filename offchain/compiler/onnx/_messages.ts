/** Decoded protobuf messages as typed values. The codec guarantees the scalar types; payload arrays are not walked. */
import { z } from "zod";

const long = z.object({ low: z.int(), high: z.int() });
const int64 = long.transform(signed64);
const payload = z.custom<readonly number[]>(Array.isArray);
const longPayload = z.custom<readonly z.infer<typeof long>[]>(Array.isArray);
const bytes = z.instanceof(Uint8Array);

/** A protobuf int64, which arrives as two 32-bit halves. */
export function signed64({ low, high }: { low: number; high: number }): bigint {
    return (BigInt(high) << 32n) + BigInt(low >>> 0);
}

/** A protobuf uint64, which arrives as two 32-bit halves. */
export function unsigned64({ low, high }: { low: number; high: number }): bigint {
    return (BigInt(high >>> 0) << 32n) + BigInt(low >>> 0);
}

/** TensorProto. */
export const tensorMessage = z.object({
    dims: longPayload,
    dataType: z.int(),
    segment: bytes.or(z.array(z.never())),
    floatData: payload,
    int32Data: payload,
    int64Data: longPayload,
    name: z.string(),
    rawData: bytes.or(z.array(z.never())),
    doubleData: payload,
    uint64Data: longPayload,
    externalData: z.array(z.unknown()),
    dataLocation: z.int(),
});
export type TensorMessage = z.infer<typeof tensorMessage>;

/** AttributeProto; its `type` says which field counts. */
export const attributeMessage = z.object({
    name: z.string(),
    f: z.number().or(z.nan()),
    i: int64,
    s: bytes.or(z.array(z.never())),
    t: tensorMessage.nullable(),
    floats: payload,
    ints: longPayload,
    strings: z.array(bytes),
    type: z.int(),
    refAttrName: z.string(),
});
export type AttributeMessage = z.infer<typeof attributeMessage>;

const nodeMessage = z.object({
    input: z.array(z.string()),
    output: z.array(z.string()),
    name: z.string(),
    opType: z.string(),
    domain: z.string(),
    attribute: z.array(attributeMessage),
});
export type NodeMessage = z.infer<typeof nodeMessage>;

const dimensionMessage = z.object({
    value: z.enum(["dimValue", "dimParam"]).optional(),
    dimValue: int64,
    dimParam: z.string(),
});
const shapeMessage = z.object({ dim: z.array(dimensionMessage) });
const tensorTypeMessage = z.object({ elemType: z.int(), shape: shapeMessage.nullable() });
const valueMessage = z.object({
    name: z.string(),
    type: z.object({ tensorType: tensorTypeMessage.nullable() }).nullable(),
});
export type ValueMessage = z.infer<typeof valueMessage>;

const graphMessage = z.object({
    node: z.array(nodeMessage),
    name: z.string(),
    initializer: z.array(tensorMessage),
    input: z.array(valueMessage),
    output: z.array(valueMessage),
    sparseInitializer: z.array(bytes),
});

/** ModelProto. */
export const modelMessage = z.object({
    graph: graphMessage.nullable(),
    opsetImport: z.array(z.object({ domain: z.string(), version: int64 })),
    functions: z.array(bytes),
});
export type ModelMessage = z.infer<typeof modelMessage>;
