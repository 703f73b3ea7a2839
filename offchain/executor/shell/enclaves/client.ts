import {
    type ErrorCode,
    FAMILIES,
    type GatewayContext,
    type Hex,
    isHex,
    ProtocolError,
    type Statement,
    statementToJson,
    toHex,
} from "@assay/protocol";
import { z } from "zod";
import { readAtMost } from "../readAtMost.ts";

/** Saying who it is takes an enclave no work: one that is slower than this is taken as gone, so that nobody waits for it. */
const IDENTITY_TIMEOUT_MS = 5_000;
/** An enclave that does not sign within this is taken as gone; it has run the model once more by then. */
const SIGN_TIMEOUT_MS = 60_000;
/** Descriptions list the models that an enclave has: far below this. */
const MOST_ANSWER_BYTES = 1 << 20;

const hexOf = (bytes: number) =>
    z.custom<Hex>((value) => isHex(value, bytes), `not ${bytes} bytes of hex`).transform((text) => toHex(text, bytes));

const identity = z.object({
    family: z.enum(["TEE_NITRO", "TEE_SGX", "TEE_TDX"]).transform((name) => FAMILIES[name]),
    signer: hexOf(20),
});
const signed = z.object({ signature: hexOf(65) });
const refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** The program inside a TEE, as the executor that operates it sees it. */
export type EnclaveClient = {
    url: string;
    /** The family it attests as, and the address of its key. */
    identity: (parts: { signal: AbortSignal }) => Promise<z.output<typeof identity>>;
    /** Its signature over a statement about bytes that it computed itself; whose signature that is, is not checked here. */
    sign: (parts: {
        chainId: number;
        gate: Hex;
        statement: Statement;
        input: Hex;
        output: Hex;
        /** Of a gateway's statement: the enclave signs none that it has not seen. */
        context?: GatewayContext;
        /** How the version is registered: with it the enclave computes modelId from the bytes that it runs. */
        registration: { owner: Hex; derivedFrom: Hex };
        signal: AbortSignal;
    }) => Promise<Hex>;
};

/** How long an enclave may take, milliseconds. */
export type Patience = { identityTimeoutMs: number; signTimeoutMs: number };

type Question = { path: string; body?: unknown; timeoutMs: number; signal: AbortSignal };

/**
 * Talks to one enclave. Throws EXECUTOR_ENCLAVE_UNREACHABLE when it is not reached or does not answer in time, and
 * EXECUTOR_ENCLAVE_REFUSED, with the code that it gave, for every other answer than the one asked for.
 */
export function createEnclaveClient({
    url,
    fetch,
    identityTimeoutMs = IDENTITY_TIMEOUT_MS,
    signTimeoutMs = SIGN_TIMEOUT_MS,
}: { url: string; fetch: typeof globalThis.fetch } & Partial<Patience>): EnclaveClient {
    const read = async <Schema extends z.ZodType>(schema: Schema, question: Question): Promise<z.output<Schema>> => {
        const { ok, json } = await send({ url, fetch, ...question });
        const parsed = schema.safeParse(json);
        if (ok && parsed.success) return parsed.data;
        const said = refusal.safeParse(json);
        const message = said.success ? `${said.data.error.code}: ${said.data.error.message}` : "It sent no answer.";
        throw fault("EXECUTOR_ENCLAVE_REFUSED", `${url}: ${message}`);
    };
    return {
        url,
        identity: ({ signal }) => read(identity, { path: "/v1/enclave", timeoutMs: identityTimeoutMs, signal }),
        sign: async ({ statement, signal, ...rest }) => {
            const body = { ...rest, statement: statementToJson(statement) };
            return (await read(signed, { path: "/v1/sign", body, timeoutMs: signTimeoutMs, signal })).signature;
        },
    };
}

/** No redirects: who operates an enclave says where it is. */
async function send({
    url,
    fetch,
    path,
    body,
    timeoutMs,
    signal,
}: Question & { url: string; fetch: typeof globalThis.fetch }): Promise<{ ok: boolean; json: unknown }> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const init: RequestInit =
        body === undefined
            ? {}
            : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    try {
        const response = await fetch(new URL(path, url), { ...init, redirect: "error", signal: bounded });
        const answer = response.body && (await readAtMost({ body: response.body, limit: MOST_ANSWER_BYTES }));
        return { ok: response.ok, json: jsonOf(answer ?? undefined) };
    } catch (cause) {
        // A request that nobody needs any more is no fault of the enclave.
        signal.throwIfAborted();
        throw fault("EXECUTOR_ENCLAVE_UNREACHABLE", `${url} did not answer.`, cause);
    }
}

/** undefined: no JSON, or more of it than is read, which no schema takes. */
function jsonOf(bytes: Uint8Array | undefined): unknown {
    try {
        return JSON.parse(new TextDecoder().decode(bytes));
    } catch {
        return undefined;
    }
}

function fault(code: ErrorCode, message: string, cause?: unknown): ProtocolError {
    return new ProtocolError({ code, message, cause });
}
