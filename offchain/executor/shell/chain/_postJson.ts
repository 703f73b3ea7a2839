import { Agent as HttpAgent, type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";

/** Idle connections are closed before most servers do so: a request into one that just closes would be lost. */
const KEPT = { keepAlive: true, timeout: 4_000 };
const agents = { http: new HttpAgent(KEPT), https: new HttpsAgent(KEPT) };

/**
 * POSTs JSON text and parses the answer, whatever its status. `fetch` takes several times as long, and nodes are asked
 * several times for every payment. Throws what kept the answer from coming, and for one that is no JSON.
 */
export async function postJson({
    url,
    body,
    signal,
}: {
    url: string;
    body: string;
    signal: AbortSignal;
}): Promise<unknown> {
    const target = new URL(url);
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const options = { method: "POST", headers, signal };
    return JSON.parse(await textOf(await send(target, { options, body })));
}

function send(target: URL, { options, body }: { options: RequestOptions; body: string }): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
        const request =
            target.protocol === "https:"
                ? requestHttps(target, { ...options, agent: agents.https })
                : requestHttp(target, { ...options, agent: agents.http });
        request.once("response", resolve).once("error", reject).end(body);
    });
}

function textOf(response: IncomingMessage): Promise<string> {
    return new Promise((resolve, reject) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("end", () => resolve(Buffer.concat(chunks).toString()));
        response.once("error", reject);
    });
}
