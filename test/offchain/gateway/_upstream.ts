import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";

/** A request that an upstream got. */
export type Asked = { url: string; headers: IncomingMessage["headers"]; body: Record<string, unknown> };
/** What it does with one. */
export type Script = (asked: Asked, response: ServerResponse) => void;

const address = z.object({ port: z.number() });
const body = z.record(z.string(), z.unknown());

/** An OpenAI-compatible server that does what it is told next, and remembers what it was asked. */
export async function startUpstream() {
    const asked: Asked[] = [];
    let script: Script = (_, response) => response.writeHead(500).end();
    const server = createServer((request, response) => {
        void text(request).then((sent) => {
            const parsed = body.parse(JSON.parse(sent === "" ? "{}" : sent));
            const one = { url: request.url ?? "", headers: request.headers, body: parsed };
            asked.push(one);
            script(one, response);
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = address.parse(server.address());
    return {
        url: `http://127.0.0.1:${port}/v1`,
        host: `127.0.0.1:${port}`,
        asked,
        next: (does: Script) => {
            script = does;
        },
        stop: () =>
            new Promise<void>((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
            }),
    };
}

export type Upstream = Awaited<ReturnType<typeof startUpstream>>;

/** A whole completion of a model. */
export function aCompletion(parts: Record<string, unknown> = {}): Record<string, unknown> {
    return {
        id: "chatcmpl-up",
        object: "chat.completion",
        created: 1,
        model: "small-1",
        system_fingerprint: "fp_1",
        choices: [
            { index: 0, message: { role: "assistant", content: " Hello. " }, finish_reason: "stop", logprobs: null },
        ],
        usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, details: {} },
        ...parts,
    };
}

/** One chunk of a completion. */
export function aChunk(
    delta: Record<string, unknown>,
    parts: { finish_reason?: string; model?: string; usage?: unknown; choices?: unknown[] } = {},
): Record<string, unknown> {
    const { finish_reason = null, ...rest } = parts;
    return {
        id: "chatcmpl-up",
        object: "chat.completion.chunk",
        created: 1,
        model: "small-1",
        system_fingerprint: "fp_1",
        choices: [{ index: 0, delta, finish_reason }],
        usage: null,
        ...rest,
    };
}

/** Answers with JSON. */
export function answers(json: unknown, headers: Record<string, string> = {}): Script {
    return (_, response) => {
        response.writeHead(200, { "content-type": "application/json", ...headers }).end(JSON.stringify(json));
    };
}

/** Answers with a stream of events; `isOpen` leaves it open, `isCut` cuts the connection, both after the last of them. */
export function streams(events: readonly unknown[], end: "done" | "open" | "cut" = "done"): Script {
    return (_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
        for (const event of events) response.write(`data: ${JSON.stringify(event)}\n\n`);
        if (end === "done") response.end("data: [DONE]\n\n");
        if (end === "cut") response.write(": cut", () => response.destroy());
    };
}
