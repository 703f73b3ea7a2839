import { isProtocolError } from "../errors/ProtocolError.ts";
import { canonicalJson } from "../jcs.ts";
import type { JsonObject } from "./context.ts";

/** The JSON object that bytes are the canonical form of; undefined when they are not. */
export function parseCanonical(bytes: Uint8Array): JsonObject | undefined {
    const text = textOf(bytes);
    if (text === undefined) return undefined;
    try {
        const value: unknown = JSON.parse(text);
        return isObject(value) && canonicalJson(value) === text ? value : undefined;
    } catch (error) {
        // Deep nesting exhausts the stack: that is no JSON that anybody can check.
        if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
        if (isProtocolError(error, "JSON_INVALID")) return undefined;
        throw error;
    }
}

/** undefined: bytes that are no UTF-8; a byte order mark stays, and is no JSON. */
function textOf(bytes: Uint8Array): string | undefined {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
        return undefined;
    }
}

function isObject(value: unknown): value is JsonObject {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
