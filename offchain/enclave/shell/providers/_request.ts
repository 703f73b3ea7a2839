import { type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
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
        const secure = { ...options, rejectUnauthorized: false };
        const sent = url.protocol === "https:" ? requestHttps(url, secure) : requestHttp(url, options);
        sent.on("error", reject);
        sent.on("response", (response) => {
            const certificate =
                response.socket instanceof TLSSocket ? response.socket.getPeerCertificate().raw : undefined;
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
