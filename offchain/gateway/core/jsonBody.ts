import { type JsonObject, ProtocolError } from "@assay/protocol";
import { bodyInvalid } from "./_refusal.ts";

/** Deeper than every tensor and every chat request; what reads bodies further on calls itself once per level. */
const MOST_DEPTH = 64;

/**
 * The JSON object in a body; undefined = there is none. Throws GATEWAY_BODY_INVALID for one that is nested too deeply, or
 * that two readers could take for two bodies: with a member twice, or with one that readers lose.
 */
export function jsonBody(bytes: Uint8Array): JsonObject | undefined {
    let value: unknown;
    try {
        const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
        const written = requireShallow(text);
        value = JSON.parse(text);
        if (membersIn(value) !== written) throw bodyInvalid("The body has a member twice.");
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

/** Members of all objects in a value. */
function membersIn(value: unknown): number {
    if (typeof value !== "object" || value === null) return 0;
    let members = 0;
    if (Array.isArray(value)) {
        for (const item of value) members += membersIn(item);
        return members;
    }
    for (const [name, member] of Object.entries(value)) {
        if (name === "__proto__") throw bodyInvalid('The body has a member "__proto__".');
        members += 1 + membersIn(member);
    }
    return members;
}

/** Returns how many members are written; throws GATEWAY_BODY_INVALID. */
function requireShallow(text: string): number {
    let depth = 0;
    let members = 0;
    let isInString = false;
    for (let at = 0; at < text.length; at++) {
        const character = text[at];
        if (isInString) {
            if (character === "\\") at += 1;
            else if (character === '"') isInString = false;
        } else if (character === '"') isInString = true;
        else if (character === "[" || character === "{") depth += 1;
        else if (character === "]" || character === "}") depth -= 1;
        else if (character === ":") members += 1;
        if (depth > MOST_DEPTH) throw bodyInvalid(`The body is nested deeper than ${MOST_DEPTH} levels.`);
    }
    return members;
}
