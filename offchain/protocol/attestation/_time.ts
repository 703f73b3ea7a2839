import { ProtocolError } from "../errors/ProtocolError.ts";

/** Throws VALUE_OUT_OF_RANGE unless the value is a whole number of seconds, 0 or more: a NaN would pass every comparison. */
export function requireSeconds({ name, value }: { name: string; value: number }): void {
    if (Number.isSafeInteger(value) && value >= 0) return;
    throw new ProtocolError({
        code: "VALUE_OUT_OF_RANGE",
        message: `${name} is not a whole number of seconds: ${value}.`,
    });
}
