import { type ParamType, Result } from "ethers";

/**
 * Decoded arguments by name as plain values; undefined for what has no decoding, such as text that is no UTF-8. ethers'
 * own `toObject` turns an empty list into an empty object, and throws for all of them when one has no decoding.
 */
export function namedValues({ inputs, args }: { inputs: readonly ParamType[]; args: Result }): Record<string, unknown> {
    return Object.fromEntries(
        inputs.map((input, at) => [input.name, plainValue({ type: input, value: valueAt(args, at) })]),
    );
}

function valueAt(args: Result, at: number): unknown {
    try {
        return args[at];
    } catch {
        return undefined;
    }
}

function plainValue({ type, value }: { type: ParamType; value: unknown }): unknown {
    if (!(value instanceof Result)) return value;
    if (type.isArray()) {
        return Array.from(value.keys(), (at) => plainValue({ type: type.arrayChildren, value: valueAt(value, at) }));
    }
    return type.isTuple() ? namedValues({ inputs: type.components, args: value }) : value;
}
