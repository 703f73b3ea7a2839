import { dtypeOf, encodeTensor, integerRange } from "@assay/protocol";
import { bodyInvalid } from "./_refusal.ts";
import type { Tensor } from "./tensors.ts";

/** What is done to elements before they are encoded: element * multiply + add. */
export type Scaling = { multiply: number; add: number };

type Value = number | bigint;
type Walk = { tensor: Tensor; values: Value[]; scaling: Scaling | undefined };

const INTEGER = /^(?:0|-?[1-9][0-9]{0,19})$/;

/**
 * Canonical bytes of the `inputs` of a body: by name, each nested in its shape, flat, or `{ data, shape }`; of a model
 * with one input also that tensor by itself. Throws GATEWAY_BODY_INVALID.
 */
export function readTensors({
    tensors,
    inputs,
    scalings = {},
}: {
    tensors: readonly Tensor[];
    inputs: unknown;
    scalings?: Readonly<Record<string, Scaling>> | undefined;
}): Uint8Array {
    const byName = namedInputs({ tensors, inputs });
    const read = tensors.map((tensor) => {
        const walk: Walk = { tensor, values: [], scaling: scalings[tensor.name] };
        collect({ walk, given: byName.get(tensor.name) });
        return encodeTensor({ dtype: tensor.dtype, values: walk.values });
    });
    return joined(read);
}

function namedInputs({ tensors, inputs }: { tensors: readonly Tensor[]; inputs: unknown }): Map<string, unknown> {
    const [first, ...others] = tensors;
    if (Array.isArray(inputs) && first !== undefined && others.length === 0) return new Map([[first.name, inputs]]);
    if (Array.isArray(inputs) || !isObject(inputs)) {
        throw bodyInvalid(`"inputs" has to be an object with ${namesOf(tensors)}.`, "inputs");
    }
    const given = new Map(Object.entries(inputs));
    const missing = tensors.find(({ name }) => !given.has(name));
    if (missing !== undefined) throw inputInvalid(missing, `The input "${missing.name}" is missing.`);
    for (const name of given.keys()) {
        if (tensors.some((tensor) => tensor.name === name)) continue;
        throw inputInvalid({ name }, `There is no input "${name.slice(0, 100)}", only ${namesOf(tensors)}.`);
    }
    return given;
}

function collect({ walk, given }: { walk: Walk; given: unknown }): void {
    const { tensor } = walk;
    const { name, shape, count } = tensor;
    const { data, shape: told } = isObject(given) ? described({ tensor, given }) : { data: given, shape: undefined };
    if (told !== undefined && !isShape(told, shape)) throw wrongShape(tensor);
    const isFlat = told !== undefined || (Array.isArray(data) && data.length === count && !data.some(Array.isArray));
    flatten({ walk, given: data, shape: isFlat ? [count] : shape });
    if (walk.values.length !== count)
        throw inputInvalid(tensor, `The input "${name}" has ${walk.values.length} elements.`);
}

function described({ tensor, given }: { tensor: Tensor; given: object }): { data: unknown; shape: unknown } {
    const { data, shape, ...rest } = { data: undefined, shape: undefined, ...given };
    const unknown = Object.keys(rest)[0];
    if (data !== undefined && shape !== undefined && unknown === undefined) return { data, shape };
    throw inputInvalid(tensor, `The input "${tensor.name}" has to have the members "data" and "shape", and no others.`);
}

/** Goes no deeper than the shape: a hostile nesting costs nothing. */
function flatten({ walk, given, shape }: { walk: Walk; given: unknown; shape: readonly number[] }): void {
    const [size, ...inner] = shape;
    if (size === undefined) {
        walk.values.push(elementOf({ walk, given }));
        return;
    }
    if (!Array.isArray(given) || given.length !== size) throw wrongShape(walk.tensor);
    for (const item of given) flatten({ walk, given: item, shape: inner });
}

function elementOf({ walk: { tensor, values, scaling }, given }: { walk: Walk; given: unknown }): Value {
    const where = `Element ${values.length} of the input "${tensor.name}"`;
    const value = scaled({ value: numberOf({ dtype: tensor.dtype, given }), scaling });
    if (value === undefined) throw inputInvalid(tensor, `${where} is no ${tensor.dtype}.`);
    const { float, size } = dtypeOf(tensor.dtype);
    if (float) {
        if (Number.isFinite(size === 4 ? Math.fround(Number(value)) : Number(value))) return Number(value);
        throw inputInvalid(tensor, `${where} is beyond what a ${tensor.dtype} holds.`);
    }
    const { min, max } = tensor.dtype === "bool" ? { min: 0n, max: 1n } : integerRange({ dtype: tensor.dtype });
    if (typeof value === "number" && !Number.isSafeInteger(value)) {
        throw inputInvalid(tensor, `${where} is no whole number below 2^53; write larger ones as decimal strings.`);
    }
    if (value < min || value > max) throw inputInvalid(tensor, `${where} is ${value}, not in ${min}..${max}.`);
    return value;
}

/** Whole numbers may be written in decimal strings, which have no bound of precision; what is true or false, so. */
function numberOf({ dtype, given }: { dtype: string; given: unknown }): Value | undefined {
    // Canonical JSON knows one zero: bodies with one hash have to be one input.
    if (typeof given === "number") return given === 0 ? 0 : given;
    if (typeof given === "boolean" && dtype === "bool") return given ? 1 : 0;
    const isInteger = typeof given === "string" && !dtypeOf(dtype).float && INTEGER.test(given);
    return isInteger ? BigInt(given) : undefined;
}

function scaled({ value, scaling }: { value: Value | undefined; scaling: Scaling | undefined }): Value | undefined {
    if (value === undefined || scaling === undefined) return value;
    return Number(value) * scaling.multiply + scaling.add;
}

function isShape(given: unknown, shape: readonly number[]): boolean {
    return Array.isArray(given) && given.length === shape.length && shape.every((size, at) => given[at] === size);
}

function wrongShape(tensor: Tensor): Error {
    const { name, shape, count } = tensor;
    return inputInvalid(
        tensor,
        `The input "${name}" has to have the shape [${shape}], or be flat with ${count} elements.`,
    );
}

function inputInvalid({ name }: Pick<Tensor, "name">, message: string): Error {
    return bodyInvalid(message, `inputs.${name}`);
}

function namesOf(tensors: readonly Tensor[]): string {
    return tensors.map(({ name }) => `"${name}"`).join(", ");
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
    const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let start = 0;
    for (const part of parts) {
        bytes.set(part, start);
        start += part.length;
    }
    return bytes;
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
