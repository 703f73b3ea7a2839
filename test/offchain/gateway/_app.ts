import { type IncomingHttpHeaders, request } from "node:http";
import { FAMILIES, PRESETS, type Receipt, uintToHex } from "@assay/protocol";
import { pino } from "pino";
import type { Call, Life, Reply, Standing } from "../../../offchain/gateway/core/life.ts";
import type { Model } from "../../../offchain/gateway/core/model.ts";
import { createApp } from "../../../offchain/gateway/shell/http/app.ts";
import type { Exchange } from "../../../offchain/gateway/shell/http/bodyHashes.ts";
import { listen } from "../../../offchain/gateway/shell/http/listen.ts";
import { createMetrics } from "../../../offchain/gateway/shell/http/metrics.ts";
import type { AppParts, Limits } from "../../../offchain/gateway/shell/http/parts.ts";
import { createPlaces } from "../../../offchain/gateway/shell/http/places.ts";

export const ID = "0123456789abcdef0123456789abcdef";
export const REQUEST_ID = `0x${"11".repeat(32)}` as const;
const WORD = `0x${"22".repeat(32)}` as const;
const ADDRESS = `0x${"33".repeat(20)}` as const;

/** A receipt whose hashes are nobody's. */
export function aReceipt(): Receipt {
    return {
        version: 1,
        origin: "gateway",
        chainId: 31337,
        gate: ADDRESS,
        request: { payer: ADDRESS, paymentNonce: WORD, requestHash: WORD, policy: uintToHex(PRESETS.SIGNED) },
        statement: {
            requestId: REQUEST_ID,
            modelId: WORD,
            configHash: WORD,
            inputHash: WORD,
            outputHash: WORD,
            contextHash: WORD,
            executor: ADDRESS,
            issuedAt: 1,
            round: 0,
            resultCode: 0,
        },
        evidence: [{ family: "SIGNED", data: "0x00" }],
        registry: {
            blockNumber: 1,
            blockHash: WORD,
            blockTimestamp: 1,
            model: FACTS,
        },
    };
}

const FACTS: Model["facts"] = {
    owner: ADDRESS,
    artifactDigest: WORD,
    ioSpec: WORD,
    schemaHash: WORD,
    semantics: "FLOAT",
    vkHash: WORD,
    derivedFrom: WORD,
    setupKind: "NONE",
    transcriptHash: WORD,
    broken: false,
};

/** A model that nobody runs. */
export function aModel(given: Partial<Model> = {}): Model {
    return {
        modelId: WORD,
        name: "tiny",
        route: "chat",
        facts: FACTS,
        claimClass: "COMPUTE",
        families: [FAMILIES.SIGNED],
        describe: () => ({ limits: { tokens: 8 } }),
        read: () => unreachable(),
        run: () => unreachable(),
        present: () => unreachable(),
        prove: () => unreachable(),
        ...given,
    };
}

/** What is known of an inference that is under way, of which nothing is paid. */
export const HEAD = { id: ID, modelName: "tiny", createdAt: 1, paymentResponse: undefined };

/** What is asked of whoever did not pay. */
export const CHALLENGE = { headers: { "PAYMENT-REQUIRED": "e30=" }, x402: { accepts: [{ amount: "1" }] } };

/** What a completed chat replies. */
export function aReply(given: Partial<Extract<Reply, { status: "served" }>> = {}): Reply {
    return {
        status: "served",
        id: ID,
        modelName: "tiny",
        createdAt: 1_700_000_000,
        paymentResponse: "cGFpZA==",
        answer: { choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }] },
        usage: { promptTokens: 2, completionTokens: 1, totalTokens: 3 },
        receipt: aReceipt(),
        stands: "proven",
        ...given,
    };
}

/** Where the one inference stands that there is. */
export function aStanding(given: Partial<Standing> = {}): Standing {
    return {
        id: ID,
        status: "served",
        reason: undefined,
        receipt: aReceipt(),
        refund: undefined,
        isErased: false,
        ...given,
    };
}

/** Inferences as a script says. */
export function aLife({ serve, ...rest }: Partial<Life> & { serve?: (call: Call) => Promise<Reply> } = {}): Life {
    return {
        serve: serve ?? (async () => aReply()),
        standing: async (id) => (id === ID ? aStanding() : undefined),
        publicStanding: async (requestId) =>
            requestId === REQUEST_ID ? { requestId, verdict: "ACCEPTED" } : undefined,
        watch: async () => {},
        erase: async (id) => id === ID,
        underWay: () => 0,
        start: async () => {},
        stop: async () => {},
        ...rest,
    };
}

export const LIMITS: Limits = { bodyBytes: 10_000, headerBytes: 16_384, queue: 8, ratePerMinute: 0 };

const OPERATIONS = {
    receiptsWaiting: async () => 3,
    refundsOpen: async () => 2,
    relayerBalance: async () => Number.NaN,
};

/** The HTTP interface over scripted inferences, on a port of its own. */
export async function startApp({
    life = aLife(),
    limits = LIMITS,
    requestTimeoutMs,
    ...given
}: Partial<AppParts> & { requestTimeoutMs?: number } = {}) {
    const kept = new Map<string, Exchange>();
    const lines: string[] = [];
    const stopping = new AbortController();
    const model = aModel();
    const parts: AppParts = {
        life,
        models: {
            all: () => [model],
            find: (name) => ([model.name, model.modelId].includes(name) ? model : undefined),
            close: async () => {},
        },
        market: { chainId: 31337, token: ADDRESS, decimals: 6, payTo: ADDRESS },
        offersOf: () => [{ policy: PRESETS.SIGNED, amount: 1_500n, outputTokenAmount: 10n, flow: "authorization" }],
        config: undefined,
        proofOf: async () => undefined,
        proofsFrom: async () => [],
        bodyHashes: {
            keep: async (exchange) => void kept.set(exchange.id, exchange),
            find: async (id) => kept.get(id),
        },
        signText: async (text) => ({ signature: `0x${Buffer.from(text).toString("hex")}`, address: ADDRESS }),
        attest: async () => ({ model_attestations: [] }),
        publicUrl: undefined,
        limits,
        isBehindProxy: false,
        places: createPlaces({ capacity: limits.queue }),
        watchers: createPlaces({ capacity: 2 }),
        metrics: createMetrics({ underWay: life.underWay, models: () => 1, operations: OPERATIONS }),
        isJournalling: async () => true,
        stopping: stopping.signal,
        log: pino({ level: "debug" }, { write: (line) => lines.push(line) }),
        ...given,
    };
    const app = createApp(parts);
    const timeout = requestTimeoutMs === undefined ? {} : { requestTimeoutMs };
    const server = await listen({ app, host: "127.0.0.1", port: 0, headerBytes: limits.headerBytes, ...timeout });
    return {
        url: server.url,
        lines,
        post: (path: string, body: unknown, headers: Record<string, string> = {}) =>
            fetch(new URL(path, server.url), posting(body, headers)),
        get: (path: string, init: RequestInit = {}) => fetch(new URL(path, server.url), init),
        close: async () => {
            stopping.abort();
            await server.close();
        },
    };
}

export type RunningApp = Awaited<ReturnType<typeof startApp>>;

/** Starts apps for the tests of a suite, and closes them after the test that started them. */
export function appStarter(): typeof startApp {
    const open: RunningApp[] = [];
    afterEach(async () => {
        for (const app of open.splice(0)) await app.close();
    });
    return async (parts) => {
        const app = await startApp(parts);
        open.push(app);
        return app;
    };
}

/** How JSON, or a text in its place, is posted. */
export function posting(body: unknown, headers: Record<string, string> = {}): RequestInit {
    return {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
        headers: { "content-type": "application/json", ...headers },
    };
}

/** Whatever a body says, for tests that look into it. */
// biome-ignore lint/suspicious/noExplicitAny: tests look into whatever was answered
export async function jsonOf(response: Response | Promise<Response>): Promise<any> {
    return (await response).json();
}

/** A request as its bytes say, which fetch would tidy up. */
export function rawRequest({
    url,
    method,
    path,
    headers = {},
    body = "",
}: {
    url: string;
    method: string;
    path: string;
    headers?: Record<string, string>;
    body?: string;
}): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
        const asking = request({ hostname, port, method, path, headers, agent: false }, (response) => {
            const chunks: Buffer[] = [];
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.on("end", () => {
                const { statusCode = 0, headers: answered } = response;
                resolve({ status: statusCode, headers: answered, body: Buffer.concat(chunks).toString() });
            });
        });
        asking.on("error", reject);
        asking.end(body);
    });
}

/** The events of a stream, as text. */
export async function eventsOf(response: Response): Promise<string[]> {
    return eventsIn(await response.text());
}

/** The events of a stream that was read. */
export function eventsIn(text: string): string[] {
    return text.split("\n\n").flatMap((event) => (event.startsWith("data: ") ? [event.slice("data: ".length)] : []));
}

function unreachable(): never {
    throw new Error("Nobody asks this model.");
}
