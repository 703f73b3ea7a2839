import { type Hex, isHex, ProtocolError } from "@assay/protocol";
import { z } from "zod";
import { setupSchema } from "./setup/transcript.ts";

/** Whole numbers that may leave 2^53 are decimal text in the file. */
const whole = z.codec(z.string().regex(/^-?\d{1,100}$/), z.bigint(), { decode: BigInt, encode: String });
const hash = z.custom<Hex>((value) => isHex(value, 32));
const hexBytes = z.custom<Hex>((value) => isHex(value));
const count = z.number().int().nonnegative();
const shape = z.array(count);
const tensorSchema = z.strictObject({ name: z.string(), dtype: z.string(), shape });
/** real = (integer - zeroPoint) * 2^-scaleLog2 */
const scale = { scaleLog2: z.number().int(), zeroPoint: whole };
const column = z.strictObject(scale);

/** real = (integer - zeroPoint) * scale, float32 */
const linearScale = z.strictObject({ scale: z.number().positive(), zeroPoint: z.number().int() });

const manifestFile = z.strictObject({
    version: z.literal(1),
    name: z.string(),
    semantics: z.literal("EXACT_INT"),
    /** The ONNX file that was compiled. */
    source: z.strictObject({ sha256: hash }),
    /** The integer ONNX model: what is registered and what the executor runs. */
    artifact: z.strictObject({ file: z.string(), sha256: hash }),
    ioSpec: z.codec(hexBytes, z.bigint(), {
        decode: BigInt,
        encode: (word): Hex => `0x${word.toString(16).padStart(64, "0")}`,
    }),
    schema: z.strictObject({ inputs: z.array(tensorSchema), outputs: z.array(tensorSchema) }),
    schemaHash: hash,
    vkHash: hash,
    contentHash: hash,
    setup: setupSchema,
    /**
     * In the order of their elements. Every element lies in [min, max]: the circuit enforces it. `columns`, if any, are
     * the scales by position in the last axis, in place of the tensor's own; `quantisation`, if any, is the model's own
     * QuantizeLinear, saturating, by which reals become the integers.
     */
    inputs: z
        .array(
            z.strictObject({
                name: z.string(),
                dtype: z.string(),
                shape,
                bits: count,
                min: whole,
                max: whole,
                ...scale,
                columns: z.array(column).optional(),
                quantisation: linearScale.optional(),
            }),
        )
        .min(1),
    /** In the order of their elements. Every element lies in `interval`: it follows from the inputs' ranges. */
    outputs: z
        .array(
            z.strictObject({
                name: z.string(),
                dtype: z.string(),
                shape,
                bits: count,
                argmax: z.boolean(),
                interval: z.strictObject({ lo: whole, hi: whole }),
                ...scale,
                quantisation: linearScale.optional(),
            }),
        )
        .min(1),
    /** Given: weights and biases are private, and the circuit has this commitment to so many of them. */
    parameters: z.strictObject({ commitment: hash, count }).optional(),
    /** Whether the public words are bound by (c, e, r) instead of being signals themselves. */
    bound: z.boolean(),
    /** Number of public signals. */
    signals: count,
    constraints: z.strictObject({ total: count, model: count, binding: count }),
    layers: z.array(z.strictObject({ op: z.string(), name: z.string(), constraints: count })),
    /**
     * Wires of the circuit; those that the inputs determine, proven from the constraints alone; those that are free and
     * reach nothing else; the first hundred of which neither is proven: none, in a circuit without a fault.
     */
    uniqueness: z.strictObject({ wires: count, determined: count, free: count, unproven: z.array(z.string()) }),
    quantisation: z.strictObject({
        /** Bits of a weight, sign included. */
        bits: count,
        inputBits: count,
        /** Most bits of an operand of a product or a quotient. */
        operandBits: count,
        /**
         * "input": the ranges of the inputs are those of one given input, widened four times. "none": reals were assumed
         * to lie in [-4, 4], whole numbers to be bytes.
         */
        calibration: z.enum(["given", "input", "none"]),
        samples: count,
        /** Finest scale kept of each tensor that drops bits, and the scale of each table's entries. */
        activationScales: z.array(z.strictObject({ tensor: z.string(), scaleLog2: z.number().int() })),
        /** By output tensor of a table: it keeps the arguments min ... max apart, in steps of 2^-scaleLog2. */
        tableArguments: z.array(
            z.strictObject({
                tensor: z.string(),
                scaleLog2: z.number().int(),
                min: z.number().int(),
                max: z.number().int(),
            }),
        ),
        /** By tensor that is clamped: how many of its elements lay beyond its range, over all samples. */
        saturations: z.array(z.strictObject({ tensor: z.string(), count, of: count })),
        /** Most that answers and the mean score were asked to change, in percent; what was reached follows. */
        accuracyPct: z.number().min(0).max(100).optional(),
        /** On the samples, scores (what an arg-max compares, else the output) against the float model's. */
        top1Agreement: z.number(),
        maxAbsError: z.number(),
        meanAbsError: z.number(),
        /** meanAbsError over the range of the float scores, in percent. */
        meanAbsPctDiff: z.number(),
    }),
    /** Whatever the integer model does other than rounding to its scales; bounds hold for every accepted input. */
    approximations: z.array(z.strictObject({ node: z.string(), what: z.string(), bound: z.string() })),
    /** What a reader should know of how the ONNX file was understood. */
    notes: z.array(z.string()),
    /**
     * By quantised operator and channel: floor((sum * multiplier + offset) / divisor), ties to even where said and with
     * the deltas of the exceptions, into [min, max], is onnxruntime's float32 requantisation by `scale` for every sum in
     * [lo, hi].
     */
    certificates: z.array(
        z.strictObject({
            node: z.string(),
            scale: z.number().positive(),
            ...{ lo: z.number().int(), hi: z.number().int(), min: z.number().int(), max: z.number().int() },
            ...{ multiplier: whole, offset: whole, divisor: whole },
            toEven: z.boolean(),
            exceptions: z.array(z.strictObject({ sum: z.number().int(), delta: z.number().int() })),
        }),
    ),
    /**
     * A proof for the unbound bind, in EIP-197 order; c for bound models. Of a committed side there is the commitment,
     * and nobody knows what opens it.
     */
    knownAnswer: z.strictObject({
        input: hexBytes,
        output: hexBytes,
        proof: z.tuple([whole, whole, whole, whole, whole, whole, whole, whole]),
        c: whole.optional(),
    }),
    /** sha256 of every other file of the directory. */
    files: z.record(z.string(), hash),
    tools: z.record(z.string(), z.string()),
});

/** What is known of a model before its key is: the known answer has no proof yet. */
export const manifestDraft = manifestFile
    .omit({ vkHash: true, contentHash: true, setup: true, knownAnswer: true, files: true })
    .extend({ question: z.strictObject({ input: hexBytes, output: hexBytes }) });

/** A manifest without what the key decides. */
export type ManifestDraft = z.output<typeof manifestDraft>;

/** What manifest.json says of a compiled model. */
export type Manifest = z.output<typeof manifestFile>;

/** The text of manifest.json. */
export function encodeManifest(manifest: Manifest): string {
    return `${JSON.stringify(manifestFile.encode(manifest), undefined, 2)}\n`;
}

/** Reads manifest.json; throws MODEL_DIR_INVALID. */
export function decodeManifest(text: string): Manifest {
    try {
        return manifestFile.parse(JSON.parse(text));
    } catch (cause) {
        const why = cause instanceof z.ZodError ? z.prettifyError(cause).slice(0, 500) : String(cause);
        throw new ProtocolError({ code: "MODEL_DIR_INVALID", message: `manifest.json: ${why}.`, cause });
    }
}
