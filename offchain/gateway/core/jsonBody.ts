import { type JsonObject, ProtocolError } from "@assay/protocol";

/** Deeper than every tensor and every chat request; what reads bodies further on calls itself once per level. */
const MOST_DEPTH = 64;

/** The JSON object in a body; undefined = there is none. Throws GATEWAY_BODY_INVALID for one that is nested too deeply. */
export function jsonBody(bytes: Uint8Array): JsonObject | undefined {
    let value: unknown;
    try {
        const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
        requireShallow(text);
        value = JSON.parse(text);
    } catch (error) {
        if (error instanceof ProtocolError) throw error;
        return undefined;
    }
    return isJsonObject(value) ? value : undefined;
}

/** What JSON.parse makes of an object is one: it has no other values. */
function isJsonObject(value: unknown): value is JsonObject {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function requireShallow(text: string): void {
    let depth = 0;
    let isInString = false;
    for (let at = 0; at < text.length; at++) {
        const character = text[at];
        if (isInString) {
            if (character === "\\") at += 1;
            else if (character === '"') isInString = false;
        } else if (character === '"') isInString = true;
        else if (character === "[" || character === "{") depth += 1;
        else if (character === "]" || character === "}") depth -= 1;
        if (depth > MOST_DEPTH) {
            const message = `The body is nested deeper than ${MOST_DEPTH} levels.`;
            throw new ProtocolError({ code: "GATEWAY_BODY_INVALID", message });
        }
    }
}
