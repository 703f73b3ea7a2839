import {
    concat,
    decodeTensor,
    dtypeOf,
    encodeTensor,
    type GatewayReceipt,
    type Hex,
    hexToBytes,
    isProtocolError,
    type JsonObject,
    ProtocolError,
    parseConfiguration,
    schemaHashOf,
} from "@assay/protocol";
import { z } from "zod";
import { mismatch } from "./claims.ts";

/** Elements, row-major, nested by the shape or flat; integers beyond 2^53 as bigint. */
export type Elements = number | bigint | boolean | string | readonly Elements[];

/** One tensor as it is asked about. */
export type TensorGiven = Elements | { data: Elements; shape: readonly number[] };

/** Inputs by name; of a model with one input also that tensor by itself. */
export type InputsGiven = Readonly<Record<string, TensorGiven>> | readonly Elements[];

/** One tensor of an answer. */
export type Tensor = {
    dtype: string;
    shape: number[];
    /** Row-major; `bigint` for integers, `number` for float32 and float64, raw bits for other floats. */
    data: (bigint | number)[];
};

const port = z.looseObject({
    name: z.string(),
    dtype: z.string(),
    shape: z.array(z.union([z.int().min(0), z.string()])).nullish(),
});
const schema = z.looseObject({ inputs: z.array(port), outputs: z.array(port) });
const shown = z.record(z.string(), z.object({ dtype: z.string(), shape: z.array(z.int().min(0)) }));

/** What a model takes and gives, as its version commits to it. */
export type ModelSchema = z.infer<typeof schema>;

/** Reads a model's schema and holds it against the hash in its version; throws SDK_ANSWER_MISMATCH. */
export function schemaOf({ given, receipt }: { given: unknown; receipt: GatewayReceipt }): ModelSchema {
    const { schemaHash } = receipt.registry.model;
    const parsed = schema.safeParse(given);
    if (parsed.success && hashOf(given) === schemaHash) return parsed.data;
    throw mismatch(`The gateway's schema is not the one that the model version commits to, ${schemaHash}.`);
}

/**
 * The bytes that ran are those of the inputs that were asked about, scaled as `content` says, the configuration that was
 * asked for. Without this a proof would be true, and about another question. Throws SDK_ANSWER_MISMATCH.
 */
export function expectInput({
    receipt,
    inputs,
    model,
    content,
}: {
    receipt: GatewayReceipt;
    inputs: InputsGiven;
    model: ModelSchema;
    /** Whose hash is the receipt's; what a gateway says that a configuration does, shows nothing. */
    content: JsonObject | undefined;
}): void {
    const given = byName(inputs, model);
    const scalings = content === undefined ? undefined : parseConfiguration(content).preprocessing?.inputs;
    const parts = model.inputs.map(({ name, dtype }) => {
        const tensor = given.get(name);
        if (tensor === undefined) throw mismatch(`The model takes ${name}, which was not asked about.`);
        const scaling = scalings?.[name];
        return encoded({ name, dtype, values: flat(elementsOf(tensor)).map(scaledBy(scaling)) });
    });
    if (given.size !== model.inputs.length) throw mismatch("The model takes fewer inputs than were asked about.");
    const ran = hexToBytes(receipt.input ?? "0x");
    if (!isEqual(concat(...parts), ran)) throw mismatch("The model ran on another input than the one that was sent.");
}

/**
 * The outputs of a receipt, read from the bytes that its statement commits to; `answer` only tells sizes that the model
 * leaves open. Throws SDK_ANSWER_MISMATCH.
 */
export function outputsOf({
    receipt,
    answer,
    model,
}: {
    receipt: GatewayReceipt;
    answer: unknown;
    model: ModelSchema;
}): Record<string, Tensor> {
    const told = shown.safeParse(answer);
    if (!told.success) throw mismatch("The answer has no outputs.");
    if (receipt.output === undefined) throw mismatch("The receipt has no output.");
    const bytes = hexToBytes(receipt.output);
    let at = 0;
    const outputs = model.outputs.map(({ name, dtype, shape }): [string, Tensor] => {
        const said = told.data[name];
        if (said?.dtype !== dtype) throw mismatch(`The answer shows ${name} as ${said?.dtype ?? "nothing"}.`);
        if (!fits(said.shape, shape)) throw mismatch(`The answer shows ${name} in another shape.`);
        const size = said.shape.reduce((product, length) => product * length, 1) * dtypeOf(dtype).size;
        if (at + size > bytes.length) throw mismatch("The answer shows more than the receipt holds.");
        const data = decodeTensor({ dtype, bytes: bytes.subarray(at, at + size) });
        at += size;
        return [name, { dtype, shape: said.shape, data }];
    });
    if (at !== bytes.length) throw mismatch("The answer shows less than the receipt holds.");
    return Object.fromEntries(outputs);
}

/** Sizes that the model fixes are those that are shown. */
function fits(shown: readonly number[], fixed: readonly (number | string)[] | null | undefined): boolean {
    if (fixed == null) return true;
    // which of several open sizes is which, only a flat shape leaves open too
    if (fixed.filter((size) => typeof size === "string").length > 1 && shown.length === 1) return true;
    return shown.length === fixed.length && fixed.every((size, at) => typeof size === "string" || size === shown[at]);
}

/** The one input of a model may be given by itself. */
function byName(inputs: InputsGiven, model: ModelSchema): Map<string, TensorGiven> {
    return isArray(inputs) ? new Map([[model.inputs[0]?.name ?? "", inputs]]) : new Map(Object.entries(inputs));
}

function elementsOf(tensor: TensorGiven): Elements {
    return typeof tensor === "object" && !isArray(tensor) ? tensor.data : tensor;
}

/** Array.isArray does not know read-only ones. */
function isArray(value: unknown): value is readonly Elements[] {
    return Array.isArray(value);
}

function flat(elements: Elements): Element[] {
    return typeof elements === "object" ? elements.flatMap(flat) : [elements];
}

/** What a configuration does to elements before they are encoded: element * multiply + add. */
type Scaling = { multiply: number; add: number };
type Element = number | bigint | boolean | string;

function scaledBy(scaling: Scaling | undefined): (value: Element) => Element {
    if (scaling === undefined) return (value) => value;
    return (value) => Number(value) * scaling.multiply + scaling.add;
}

type Plain = { name: string; dtype: string; values: Element[] };

function encoded({ name, dtype, values }: Plain): Uint8Array {
    const { float } = dtypeOf(dtype);
    try {
        return encodeTensor({ dtype, values: values.map((value) => (float ? floatOf(value) : BigInt(value))) });
    } catch (fault) {
        if (!isProtocolError(fault) && !(fault instanceof SyntaxError) && !(fault instanceof RangeError)) throw fault;
        throw mismatch(`${name} has an element that is no ${dtype}.`);
    }
}

/** Raw bits stay bits: float16 and bfloat16 have no other form. JSON that is sent has one zero. */
function floatOf(value: number | bigint | boolean | string): number | bigint {
    return typeof value === "bigint" ? value : Number(value) + 0;
}

function hashOf(value: unknown): Hex | undefined {
    try {
        return schemaHashOf(value);
    } catch (fault) {
        if (fault instanceof ProtocolError) return undefined;
        throw fault;
    }
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
    return left.length === right.length && left.every((byte, at) => byte === right[at]);
}

/** A body whose integers are JSON: those beyond 2^53 as decimal strings. */
export function jsonTensors(inputs: unknown): unknown {
    return JSON.parse(
        JSON.stringify(inputs, (_, value) => {
            if (typeof value !== "bigint") return value;
            const number = Number(value);
            return Number.isSafeInteger(number) ? number : String(value);
        }),
    );
}
