import { type Hex, isHex } from "@assay/protocol";
import { type LogDescription, type ParamType, Result } from "ethers";
import { z } from "zod";

/** Lower case, so that equal addresses are equal texts: ethers writes them with a checksum. */
export const hex = z
    .string()
    .toLowerCase()
    .pipe(z.custom<Hex>((value) => isHex(value), "not hex"));

/** Arguments of a decoded log by name, as plain values that a schema can read. */
export function namedArguments({ fragment, args }: LogDescription): Record<string, unknown> {
    return named({ inputs: fragment.inputs, values: args });
}

function named({ inputs, values }: { inputs: readonly ParamType[]; values: Result }): Record<string, unknown> {
    return Object.fromEntries(inputs.map((input, at) => [input.name, plain({ type: input, value: values[at] })]));
}

function plain({ type, value }: { type: ParamType; value: unknown }): unknown {
    if (!(value instanceof Result)) return value;
    if (type.isArray()) return [...value].map((item: unknown) => plain({ type: type.arrayChildren, value: item }));
    return type.isTuple() ? named({ inputs: type.components, values: value }) : value;
}
