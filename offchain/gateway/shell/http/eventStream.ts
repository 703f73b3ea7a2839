import { createHash } from "node:crypto";

/** Headers of every event stream: nothing on the way may keep, or hold back, what is sent. */
const HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "private, no-cache, no-transform",
    "x-accel-buffering": "no",
};

/** Server-sent events, each on its way as soon as it is sent. */
export type EventStream = {
    response: Response;
    send: (data: unknown) => void;
    /** A line that clients skip: keeps connections open that would be taken for dead. */
    keepAlive: () => void;
    /** Sends the last texts; `before` learns the sha256 of all bytes, theirs included, before they leave. */
    end: (parts?: { last?: readonly string[]; before?: (sha256: string) => Promise<void> }) => Promise<void>;
};

/** Opens a stream with additional headers; `onGone` is called when the reader left. */
export function createEventStream({
    headers = {},
    onGone = () => {},
}: {
    headers?: Record<string, string>;
    onGone?: () => void;
}): EventStream {
    const digest = createHash("sha256");
    const encoder = new TextEncoder();
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
        start: (opened) => {
            controller = opened;
        },
        cancel: () => {
            controller = undefined;
            onGone();
        },
    });
    const write = (bytes: Uint8Array) => controller?.enqueue(bytes);
    const hashed = (text: string) => {
        const bytes = encoder.encode(text);
        digest.update(bytes);
        return bytes;
    };
    return {
        response: new Response(body, { status: 200, headers: { ...HEADERS, ...headers } }),
        send: (data) => write(hashed(eventText(data))),
        keepAlive: () => write(hashed(": still here\n\n")),
        end: async ({ last = [], before = async () => {} } = {}) => {
            const bytes = hashed(last.join(""));
            await before(digest.digest("hex"));
            write(bytes);
            controller?.close();
            controller = undefined;
        },
    };
}

/** One event without a name: parsers of OpenAI's clients read no others. */
export function eventText(data: unknown): string {
    return `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
}
