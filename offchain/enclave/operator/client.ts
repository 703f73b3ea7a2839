import { readAtMost } from "@assay/executor/parts";
import {
    type ErrorCode,
    explainError,
    type Hex,
    hexToBytes,
    isErrorCode,
    isHex,
    ProtocolError,
    toHex,
} from "@assay/protocol";
import { z } from "zod";
import type { AttestationRequest } from "../shell/attester.ts";

/** An enclave speaks to its provider before it answers. */
const ANSWER_TIMEOUT_MS = 60_000;
/** Quotes and documents have some 5 KB. */
const MOST_ANSWER_BYTES = 1 << 20;

const hexOf = (bytes: number) =>
    z.custom<Hex>((value) => isHex(value, bytes), `not ${bytes} bytes of hex`).transform((text) => toHex(text, bytes));
const bytes = z.custom<Hex>((value) => isHex(value), "not hex").transform(hexToBytes);

const description = z.object({
    form: z.enum(["nitro", "tdx"]),
    simulated: z.boolean(),
    signer: hexOf(20),
    measurementId: hexOf(32).nullable(),
});
const attested = z.object({
    document: bytes,
    collateral: bytes,
    possession: hexOf(65),
    binding: z.object({
        signer: hexOf(20),
        claims: z.object({
            claimClass: z.number().int(),
            upstreamHash: hexOf(32),
            configHash: hexOf(32),
            binaryDigest: hexOf(32),
        }),
    }),
});
const heard = z.object({ signature: hexOf(65) });
const activated = z.object({ signer: hexOf(20) });
const refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** An enclave as its operator sees it; nothing that it says is believed without being checked. */
export type EnclaveClient = ReturnType<typeof createEnclaveClient>;

/** What an enclave answers to an attestation request. */
export type AttestedAnswer = z.output<typeof attested>;

/**
 * Talks to one enclave. Throws ENCLAVE_UNREACHABLE, ENCLAVE_REFUSED with the code it answered, ENCLAVE_ANSWER_INVALID.
 */
export function createEnclaveClient({
    url,
    fetch = globalThis.fetch,
    timeoutMs = ANSWER_TIMEOUT_MS,
}: {
    url: string;
    fetch?: typeof globalThis.fetch;
    timeoutMs?: number;
}) {
    const ask = async <S extends z.ZodType>(schema: S, route: string, body?: unknown): Promise<z.output<S>> => {
        const { status, json } = await send({ url: new URL(route, url), body, fetch, timeoutMs });
        const said = refusal.safeParse(json);
        if (said.success) throw failure("ENCLAVE_REFUSED", refusalText(said.data.error));
        const parsed = schema.safeParse(json);
        if (status === 200 && parsed.success) return parsed.data;
        const why = parsed.success ? `status ${status}` : z.prettifyError(parsed.error);
        throw failure("ENCLAVE_ANSWER_INVALID", `${route}: ${why}.`);
    };
    return {
        describe: () => ask(description, "/v1/enclave"),
        attest: ({ chainId, keyEpoch, deadline, ...request }: AttestationRequest) => {
            const numbers = { chainId: String(chainId), keyEpoch: String(keyEpoch), deadline: String(deadline) };
            return ask(attested, "/v1/attestation", { ...request, ...numbers });
        },
        activate: async ({ enclaveId }: { enclaveId: Hex }): Promise<Hex> =>
            (await ask(activated, "/v1/activate", { enclaveId })).signer,
        heartbeat: async ({ blockNumber, ...rest }: { enclaveId: Hex; blockHash: Hex; blockNumber: number }) =>
            (await ask(heard, "/v1/heartbeat", { ...rest, blockNumber })).signature,
    };
}

async function send({
    url,
    body,
    fetch,
    timeoutMs,
}: {
    url: URL;
    body: unknown;
    fetch: typeof globalThis.fetch;
    timeoutMs: number;
}): Promise<{ status: number; json: unknown }> {
    const init: RequestInit = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const headers = { "content-type": "application/json" };
    try {
        const signal = AbortSignal.timeout(timeoutMs);
        const response = await fetch(url, { ...init, headers, redirect: "error", signal });
        const read = response.body === null ? undefined : { body: response.body, limit: MOST_ANSWER_BYTES };
        const answer = read === undefined ? undefined : await readAtMost(read);
        return { status: response.status, json: jsonOf(answer) };
    } catch (cause) {
        throw failure("ENCLAVE_UNREACHABLE", `${url.origin} does not answer.`, cause);
    }
}

/** What an enclave answered, and what the table says of the code if it is one of ours and the answer does not. */
function refusalText({ code, message }: { code: string; message: string }): string {
    if (!isErrorCode(code)) return `${code}: ${message}`;
    const { meaning, fix } = explainError(code);
    const unless = (sentence: string) => (message.includes(sentence) ? [] : [sentence]);
    return `${code}: ${[...unless(meaning), message, ...unless(fix)].join(" ")}`;
}

/** undefined: no JSON, which no schema takes. */
function jsonOf(bytes: Uint8Array | undefined): unknown {
    try {
        return JSON.parse(new TextDecoder().decode(bytes));
    } catch {
        return undefined;
    }
}

function failure(code: ErrorCode, message: string, cause?: unknown): ProtocolError {
    return new ProtocolError({ code, message, cause });
}
