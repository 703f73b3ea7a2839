import { canonicalJson, isProtocolError, type Json } from "@assay/protocol";

/** What is asked of an upstream: the effective request, and what of it is sent. */
export type UpstreamRequest = {
    /** As the upstream calls it. */
    model: string;
    /** JSON to send: the request without the salt, which only keeps its hash from being guessed. */
    body: string;
};

/** Member of an effective request that no upstream is told. */
const SALT = "salt";

/**
 * The request that canonical input bytes stand for; undefined when they are not the canonical JSON of an object that
 * names a model, or ask for a stream: an answer in pieces has no one form to sign.
 */
export function readRequest(input: Uint8Array): UpstreamRequest | undefined {
    const request = parseObject(input);
    if (request === undefined || canonicalOf(request) !== textOf(input)) return undefined;
    const { [SALT]: _salt, ...sent } = request;
    const { model, stream = false } = sent;
    if (typeof model !== "string" || model === "" || stream !== false) return undefined;
    return { model, body: canonicalJson(sent) };
}

/**
 * Canonical bytes of what an upstream answered; undefined when that is no JSON object, or comes from another model than
 * the one asked for.
 */
export function readAnswer({ body, model }: { body: Uint8Array; model: string }): Uint8Array | undefined {
    const answer = parseObject(body);
    if (answer?.model !== model) return undefined;
    const canonical = canonicalOf(answer);
    return canonical === undefined ? undefined : new TextEncoder().encode(canonical);
}

function parseObject(bytes: Uint8Array): Record<string, Json> | undefined {
    try {
        const value: unknown = JSON.parse(textOf(bytes) ?? "");
        return isObject(value) ? value : undefined;
    } catch {
        return undefined;
    }
}

/** undefined: bytes that are no UTF-8, which some decoders would repair in silence. A byte order mark stays, and is no JSON. */
function textOf(bytes: Uint8Array): string | undefined {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
        return undefined;
    }
}

/** undefined: JSON that has no canonical form, such as a lone surrogate. */
function canonicalOf(value: unknown): string | undefined {
    try {
        return canonicalJson(value);
    } catch (error) {
        if (isProtocolError(error, "JSON_INVALID")) return undefined;
        throw error;
    }
}

function isObject(value: unknown): value is Record<string, Json> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
