import { readAtMost } from "@assay/executor/parts";
import { createParser } from "eventsource-parser";

/** The most that is read of an answer. */
const MOST_ANSWER_BYTES = 8 << 20;
const DONE = "[DONE]";
const JSON_TYPE = "application/json";
const STREAM_TYPE = "text/event-stream";

/** Where requests go, with what, and how long is waited. */
export type Upstream = {
    url: URL;
    key: string | undefined;
    idleTimeoutMs: number;
    timeoutMs: number;
    fetch: typeof globalThis.fetch;
};

type Question = { upstream: Upstream; body: string; signal: AbortSignal };

/**
 * The JSON that an upstream answers; undefined when it gives none: no connection, a redirect, a status other than 200, a
 * stall, too much, no JSON. Whoever asked and goes away ends it, and its reason is thrown.
 */
export function askWhole({ upstream, body, signal }: Question): Promise<unknown> {
    return bounded({ upstream, signal }, async ({ signal: within, touch }) => {
        const stream = await send({ upstream, body, accept: JSON_TYPE, signal: within });
        const answer = stream && (await readAtMost({ body: touched({ stream, touch }), limit: MOST_ANSWER_BYTES }));
        return answer && jsonOf(new TextDecoder("utf-8", { fatal: true }).decode(answer));
    });
}

/**
 * Gives each event of an upstream's stream to `onChunk` until that says false, or the stream says that it is done. False
 * when the stream failed in one of the ways of `askWhole`; true otherwise.
 */
export async function askStream({
    onChunk,
    ...question
}: Question & { onChunk: (json: unknown) => boolean }): Promise<boolean> {
    const { upstream, body, signal } = question;
    const outcome = await bounded({ upstream, signal }, async ({ signal: within, touch }) => {
        const stream = await send({ upstream, body, accept: STREAM_TYPE, signal: within });
        return stream && readEvents({ stream: touched({ stream, touch }), onChunk });
    });
    return outcome === true;
}

async function send({
    upstream: { url, key, fetch },
    body,
    accept,
    signal,
}: Question & { accept: string }): Promise<ReadableStream<Uint8Array> | undefined> {
    const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const headers = { "content-type": JSON_TYPE, accept, ...authorization };
    const response = await fetch(url, { method: "POST", headers, body, redirect: "error", signal });
    const type = response.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
    if (response.status === 200 && response.body !== null && type === accept) return response.body;
    await response.body?.cancel();
    return undefined;
}

async function readEvents({
    stream,
    onChunk,
}: {
    stream: ReadableStream<Uint8Array>;
    onChunk: (json: unknown) => boolean;
}): Promise<boolean> {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    let isOver = false;
    const parser = createParser({
        onEvent: ({ data }) => {
            if (!isOver) isOver = data === DONE || !onChunk(jsonOf(data));
        },
    });
    let length = 0;
    // Leaving the loop early cancels what is still to come.
    for await (const bytes of stream) {
        length += bytes.length;
        if (length > MOST_ANSWER_BYTES) return false;
        parser.feed(decoder.decode(bytes, { stream: true }));
        if (isOver) return true;
    }
    return true;
}

type Bounds = { signal: AbortSignal; touch: () => void };

/** Runs work for as long as its caller, the whole time and the time between two pieces allow; undefined when it failed. */
async function bounded<T>(
    { upstream: { idleTimeoutMs, timeoutMs }, signal }: Pick<Question, "upstream" | "signal">,
    work: (bounds: Bounds) => Promise<T>,
): Promise<T | undefined> {
    const idle = new AbortController();
    const timer = setTimeout(() => idle.abort(), idleTimeoutMs);
    try {
        const within = AbortSignal.any([signal, idle.signal, AbortSignal.timeout(timeoutMs)]);
        return await work({ signal: within, touch: () => timer.refresh() });
    } catch {
        // What went wrong out there is the operator's to find; here it is one coded failure.
        signal.throwIfAborted();
        return undefined;
    } finally {
        clearTimeout(timer);
    }
}

function touched({ stream, touch }: { stream: ReadableStream<Uint8Array>; touch: () => void }) {
    const watch = new TransformStream<Uint8Array, Uint8Array>({
        transform: (bytes, controller) => {
            touch();
            controller.enqueue(bytes);
        },
    });
    return stream.pipeThrough(watch);
}

/** undefined: no JSON, which no schema takes. */
function jsonOf(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
