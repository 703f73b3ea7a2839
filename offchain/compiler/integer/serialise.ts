import { ProtocolError } from "@assay/protocol";
import { z } from "zod";
import { graphFault } from "./check.ts";
import type { IntegerGraph } from "./types.ts";

/** Beyond 2^53 a JSON number is not exact, so whole numbers that may be larger are decimal text. */
const wholeText = z.codec(z.string().regex(/^-?\d{1,100}$/), z.bigint(), { decode: BigInt, encode: String });
const size = z
    .number()
    .int()
    .min(0)
    .max(2 ** 31);
const positive = z
    .number()
    .int()
    .min(1)
    .max(2 ** 31);
const weight = z.number().int();
const weights = z.array(weight);
const shift = z.number().int().min(1).max(200);

const kernel = z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("dense"), positions: positive, rows: positive, columns: positive, weights }),
    z.strictObject({
        kind: z.literal("conv"),
        channels: positive,
        filters: positive,
        groups: positive,
        spatial: z.array(positive),
        kernel: z.array(positive),
        strides: z.array(positive),
        dilations: z.array(positive),
        padsBegin: z.array(size),
        padsEnd: z.array(size),
        weights,
    }),
    z.strictObject({ kind: z.literal("scale"), factors: weights }),
    z.strictObject({ kind: z.literal("select"), from: positive, indices: z.array(z.number().int().min(-1)) }),
    z.strictObject({
        kind: z.literal("sparse"),
        from: positive,
        start: z.array(size),
        index: z.array(size),
        weights,
    }),
]);

const base = { name: z.string(), inputs: z.array(z.string()).min(1), output: z.string() };
const node = z.discriminatedUnion("op", [
    z.strictObject({ op: z.literal("linear"), ...base, kernels: z.array(kernel).min(1), bias: z.array(wholeText) }),
    z.strictObject({ op: z.literal("relu"), ...base }),
    z.strictObject({ op: z.literal("rescale"), ...base, shift }),
    z.strictObject({ op: z.literal("reluRescale"), ...base, shift }),
    z.strictObject({ op: z.literal("roundEven"), ...base, shift }),
    z.strictObject({ op: z.literal("clamp"), ...base, min: wholeText, max: wholeText }),
    z.strictObject({ op: z.literal("compare"), ...base, relation: z.enum(["nonNegative", "zero"]) }),
    z.strictObject({ op: z.literal("maximum"), ...base, size: positive, indices: z.array(size) }),
    z.strictObject({ op: z.literal("table"), ...base, min: wholeText, columns: z.array(z.array(wholeText)).min(1) }),
    z.strictObject({ op: z.literal("oneHot"), ...base, min: wholeText, depth: positive }),
    z.strictObject({ op: z.literal("product"), ...base }),
    z.strictObject({ op: z.literal("divide"), ...base }),
    z.strictObject({ op: z.literal("squareRoot"), ...base }),
    z.strictObject({
        op: z.literal("thermometer"),
        ...base,
        order: z.enum(["integer", "float32"]),
        features: z.array(size).min(1),
        boundaries: z.array(wholeText),
    }),
    z.strictObject({
        op: z.literal("trees"),
        ...base,
        width: positive,
        bits: z.array(size),
        low: z.array(weight),
        high: z.array(weight),
        leaves: weights,
        roots: z.array(weight).min(1),
        groups: z.array(size),
        bias: z.array(wholeText),
    }),
    z.strictObject({ op: z.literal("argMax"), ...base, outer: positive, length: positive, inner: positive }),
    z.strictObject({ op: z.literal("reshape"), ...base }),
]);

const tensor = z.strictObject({ shape: z.array(positive), scaleLog2: z.number().int(), zeroPoint: wholeText });
const tensors = z.codec(
    z.array(z.tuple([z.string(), tensor])),
    z.map(z.string(), z.object({ shape: z.array(positive), scaleLog2: z.number().int(), zeroPoint: z.bigint() })),
    { decode: (entries) => new Map(entries), encode: (map) => [...map] },
);

const graphFile = z.strictObject({
    version: z.literal(1),
    inputs: z
        .array(
            z.strictObject({
                tensor: z.string(),
                min: wholeText,
                max: wholeText,
                encoding: z.literal("float32").optional(),
            }),
        )
        .min(1),
    nodes: z.array(node),
    outputs: z.array(z.string()).min(1),
    tensors,
    parametersSalt: wholeText.optional(),
});

/** The text of graph.json; equal graphs give equal text. */
export function encodeGraph(graph: IntegerGraph): string {
    return `${JSON.stringify(graphFile.encode(graph))}\n`;
}

/** Reads graph.json; throws MODEL_DIR_INVALID when it is not a graph whose parts fit together. */
export function decodeGraph(text: string): IntegerGraph {
    const parsed = graphFile.safeParse(parseJson(text));
    if (!parsed.success) throw invalid(z.prettifyError(parsed.error).slice(0, 500));
    const fault = graphFault(parsed.data);
    if (fault !== undefined) throw invalid(fault);
    return parsed.data;
}

function parseJson(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch (cause) {
        throw new ProtocolError({ code: "MODEL_DIR_INVALID", message: "graph.json is not JSON.", cause });
    }
}

function invalid(why: string): ProtocolError {
    return new ProtocolError({ code: "MODEL_DIR_INVALID", message: `graph.json: ${why}.` });
}
