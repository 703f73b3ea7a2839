import { type ParamType, Result } from "ethers";

/** Decoded arguments by name as plain values. ethers' own `toObject` turns an empty list into an empty object. */
export function namedValues({ inputs, args }: { inputs: readonly ParamType[]; args: Result }): Record<string, unknown> {
    return Object.fromEntries(inputs.map((input, at) => [input.name, plainValue({ type: input, value: args[at] })]));
}

function plainValue({ type, value }: { type: ParamType; value: unknown }): unknown {
    if (!(value instanceof Result)) return value;
    if (type.isArray()) return [...value].map((item: unknown) => plainValue({ type: type.arrayChildren, value: item }));
    return type.isTuple() ? namedValues({ inputs: type.components, args: value }) : value;
}
