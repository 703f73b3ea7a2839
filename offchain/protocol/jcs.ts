import canonicalize from "canonicalize";
import { ProtocolError } from "./errors/ProtocolError.ts";
import { type Hex, hashOfText } from "./hex.ts";

/** A value of JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/**
 * RFC 8785 canonical JSON; throws JSON_INVALID for anything that is not plain JSON (undefined members included).
 *
 * @example
 * canonicalJson({ b: 1, a: [true, null] }); // '{"a":[true,null],"b":1}'
 */
export function canonicalJson(value: unknown): string {
    refuseWhatJsonDrops(value, "$");
    try {
        const text = canonicalize(value);
        if (text !== undefined) return text;
    } catch (cause) {
        throw new ProtocolError({ code: "JSON_INVALID", cause });
    }
    throw new ProtocolError({ code: "JSON_INVALID" });
}

/** keccak256 of the canonical JSON of a value. */
export function hashJson(value: unknown): Hex {
    return hashOfText(canonicalJson(value));
}

/** JSON.stringify drops or rewrites some values silently; two different values must never have one hash. */
function refuseWhatJsonDrops(value: unknown, path: string): void {
    if (value === null || typeof value === "string" || typeof value === "boolean") return;
    if (typeof value === "number" && Number.isFinite(value)) return;
    if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) refuseWhatJsonDrops(value[i], `${path}[${i}]`);
        return;
    }
    if (typeof value === "object" && isPlain(value)) {
        for (const [name, member] of Object.entries(value)) refuseWhatJsonDrops(member, `${path}.${name}`);
        return;
    }
    throw new ProtocolError({ code: "JSON_INVALID", message: `${path} is not a JSON value.` });
}

function isPlain(value: object): boolean {
    const prototype: unknown = Object.getPrototypeOf(value);
    return (prototype === Object.prototype || prototype === null) && !("toJSON" in value);
}
