import { createServer, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { type ErrorCode, explainError, ProtocolError } from "@assay/protocol";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { faultBody } from "../../core/faultBody.ts";
import type { FaultStatus } from "../../core/statusOf.ts";

/** A request must have arrived whole within this; answering it may take longer. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
/** How often requests that do not arrive are looked for. */
const CHECK_INTERVAL_MS = 1_000;
/** How long those that are answered when the server closes may take. */
const CLOSING_MS = 10_000;
/** How often connections that became idle are closed meanwhile. */
const IDLE_INTERVAL_MS = 50;

/** A server that listens. */
export type Listening = {
    url: string;
    /** Takes no more requests, lets those under way end for a while, then cuts them off. */
    close: () => Promise<void>;
};

/** Serves an app; throws GATEWAY_PORT_TAKEN, GATEWAY_SETTINGS_INVALID where it cannot listen. */
export async function listen({
    app,
    host,
    port,
    headerBytes,
    requestTimeoutMs = REQUEST_TIMEOUT_MS,
}: {
    app: Pick<Hono, "fetch">;
    host: string;
    /** 0 = any free one. */
    port: number;
    /** All headers of a request together. */
    headerBytes: number;
    requestTimeoutMs?: number;
}): Promise<Listening> {
    const options = {
        maxHeaderSize: headerBytes,
        requestTimeout: requestTimeoutMs,
        headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeoutMs),
        connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MS, requestTimeoutMs),
    };
    const server = createServer(
        options,
        getRequestListener((request, env) => app.fetch(request, env), {
            overrideGlobalObjects: false,
            errorHandler: malformed,
        }),
    );
    server.on("clientError", refuse);
    const bound = await bind(server, { host, port });
    let closing: Promise<void> | undefined;
    return {
        url: `http://${authority(host, bound)}`,
        close: () => {
            closing ??= close(server);
            return closing;
        },
    };
}

/** The port that was bound. */
function bind(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
    return new Promise((resolve, reject) => {
        server.once("error", (cause: Error & { code?: string }) => {
            const where = authority(host, port);
            const isTaken = cause.code === "EADDRINUSE";
            const code = isTaken ? "GATEWAY_PORT_TAKEN" : "GATEWAY_SETTINGS_INVALID";
            const message = isTaken ? `Somebody listens on ${where}.` : `Nobody can listen on ${where}: ${cause.code}.`;
            reject(new ProtocolError({ code, message, cause }));
        });
        server.listen({ host, port }, () => {
            const address = server.address();
            resolve(typeof address === "object" && address !== null ? address.port : port);
        });
    });
}

function authority(host: string, port: number): string {
    return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** What is HTTP, but has no target or host that is one. */
function malformed(): Response {
    const body = refusalBody(400, "GATEWAY_BODY_INVALID");
    return new Response(body, {
        status: 400,
        headers: { "content-type": "application/json", "cache-control": "no-store" },
    });
}

/** Whatever never became a request is answered in the form of every other refusal, as far as it can be answered. */
function refuse(error: Error & { code?: string }, socket: Duplex): void {
    if (!socket.writable) return void socket.destroy();
    const [status, reason, code] = refusalOf(error.code);
    const { meaning, fix } = explainError(code);
    const body = JSON.stringify(faultBody({ status: status, code, message: `${meaning} ${fix}` }));
    const head = [
        `HTTP/1.1 ${status} ${reason}`,
        "Content-Type: application/json",
        "Cache-Control: no-store",
        "Connection: close",
        `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function refusalBody(status: FaultStatus, code: ErrorCode): string {
    const { meaning, fix } = explainError(code);
    return JSON.stringify(faultBody({ status, code, message: `${meaning} ${fix}` }));
}

function refusalOf(code: string | undefined) {
    if (code === "ERR_HTTP_REQUEST_TIMEOUT") return [408, "Request Timeout", "GATEWAY_REQUEST_SLOW"] as const;
    if (code === "HPE_HEADER_OVERFLOW")
        return [431, "Request Header Fields Too Large", "GATEWAY_REQUEST_TOO_LARGE"] as const;
    return [400, "Bad Request", "GATEWAY_BODY_INVALID"] as const;
}

function close(server: Server): Promise<void> {
    return new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), CLOSING_MS);
        // Connections that were answered meanwhile are kept alive for those who ask again: nobody does here any more.
        const idle = setInterval(() => server.closeIdleConnections(), IDLE_INTERVAL_MS);
        server.close(() => {
            clearTimeout(cut);
            clearInterval(idle);
            resolve();
        });
    });
}
