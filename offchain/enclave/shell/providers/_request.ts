import { type RequestOptions, request as requestHttp } from "node:http";
import { Agent, request as requestHttps } from "node:https";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

/** A whole answer. */
export type HttpAnswer = {
    status: number;
    body: Uint8Array;
    /** DER of the certificate that the other side showed; undefined without TLS. */
    certificate: Uint8Array | undefined;
};

/** No provider's answer is nearly as long. */
const MOST_ANSWER_BYTES = 1 << 20;

/**
 * One HTTP request, over TCP, TLS or a unix socket, without redirects. Certificates are not judged here, since they are
 * made inside the enclave by the provider: whoever relies on TLS compares `certificate` with what a document says.
 */
export function request({
    url,
    socketPath,
    method = "GET",
    body,
    headers = {},
    signal,
}: {
    url: URL;
    socketPath?: string;
    method?: "GET" | "POST";
    body?: string;
    headers?: Record<string, string>;
    signal: AbortSignal;
}): Promise<HttpAnswer> {
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const options: RequestOptions = {
        method,
        signal,
        headers: { ...headers, ...length, connection: "close" },
        ...(socketPath === undefined ? {} : { socketPath }),
    };
    return new Promise((resolve, reject) => {
        // A resumed session shows no certificate.
        const agent = new Agent({ maxCachedSessions: 0 });
        const secure = { ...options, agent, rejectUnauthorized: false };
        const sent = url.protocol === "https:" ? requestHttps(url, secure) : requestHttp(url, options);
        sent.on("error", reject);
        sent.on("response", (response) => {
            const certificate = certificateOf(response.socket);
            const chunks: Uint8Array[] = [];
            let read = 0;
            response.on("error", reject);
            response.on("data", (chunk: Uint8Array) => {
                read += chunk.length;
                if (read > MOST_ANSWER_BYTES) sent.destroy(new Error("the answer is too long"));
                else chunks.push(chunk);
            });
            response.on("end", () => {
                resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks), certificate });
            });
        });
        sent.end(body);
    });
}

function certificateOf(socket: Socket): Uint8Array | undefined {
    return socket instanceof TLSSocket ? socket.getPeerCertificate().raw : undefined;
}
