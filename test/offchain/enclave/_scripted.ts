import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";

/** A request that a scripted server was sent. */
export type Seen = {
    method: string;
    path: string;
    query: URLSearchParams;
    headers: IncomingMessage["headers"];
    body: string;
};

/** Answers a request; one that does not call `end` stalls. */
export type Script = (seen: Seen, response: ServerResponse) => void;

/** A server that speaks what a test says, and keeps what it was sent. */
export async function startScripted({
    script,
    tls,
    socketPath,
}: {
    script: Script;
    tls?: { key: string; cert: string };
    socketPath?: string;
}) {
    const seen: Seen[] = [];
    const listener = (request: IncomingMessage, response: ServerResponse) => {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
            const { pathname: path, searchParams: query } = new URL(request.url ?? "/", "http://scripted");
            const one = {
                method: request.method ?? "",
                path,
                query,
                headers: request.headers,
                body: Buffer.concat(chunks).toString("utf8"),
            };
            seen.push(one);
            script(one, response);
        });
    };
    const server: Server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
    await new Promise<void>((resolve) => {
        if (socketPath === undefined) server.listen(0, "127.0.0.1", resolve);
        else server.listen(socketPath, resolve);
    });
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    return {
        seen,
        url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
        close: async () => {
            server.closeAllConnections();
            await new Promise((resolve) => server.close(resolve));
        },
    };
}

export type Scripted = Awaited<ReturnType<typeof startScripted>>;
