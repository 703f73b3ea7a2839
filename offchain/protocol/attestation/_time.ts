import { ProtocolError } from "../errors/ProtocolError.ts";

/** The last second that ISO 8601 writes with four digits of the year. */
const LAST_SECOND = 253_402_300_799;

/** A time as it stands in reasons: unix seconds, then the same in ISO 8601 where that can write it. */
export function secondsText(unixSeconds: number): string {
    if (unixSeconds > LAST_SECOND) return String(unixSeconds);
    return `${unixSeconds} (${new Date(unixSeconds * 1000).toISOString().replace(".000Z", "Z")})`;
}

/** Throws VALUE_OUT_OF_RANGE unless the value is a whole number of seconds, 0 or more: a NaN would pass every comparison. */
export function requireSeconds({ name, value }: { name: string; value: number }): void {
    if (Number.isSafeInteger(value) && value >= 0) return;
    throw new ProtocolError({
        code: "VALUE_OUT_OF_RANGE",
        message: `${name} is not a whole number of seconds: ${value}.`,
    });
}
