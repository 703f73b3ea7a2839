import { FAMILIES, type Hex, isHex, ProtocolError, type Statement, statementToJson, toHex } from "@assay/protocol";
import { z } from "zod";

/** An enclave that does not answer within this is taken as gone; it has run the model once more by then. */
const ANSWER_TIMEOUT_MS = 60_000;

const hexOf = (bytes: number) => z.custom<Hex>((value) => isHex(value, bytes), `not ${bytes} bytes of hex`);

const identity = z.object({
    family: z.enum(["TEE_NITRO", "TEE_SGX", "TEE_TDX"]).transform((name) => FAMILIES[name]),
    signer: hexOf(20).transform((text) => toHex(text, 20)),
});
const signed = z.object({ signature: hexOf(65) });
const refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** The program inside a TEE, as the executor that operates it sees it. */
export type EnclaveClient = {
    url: string;
    /** The family it attests as, and the address of its key. */
    identity: (parts: { signal: AbortSignal }) => Promise<z.output<typeof identity>>;
    /** Its signature over a statement about bytes that it computed itself; throws EXECUTOR_ENCLAVE_REFUSED. */
    sign: (parts: {
        chainId: number;
        gate: Hex;
        statement: Statement;
        input: Hex;
        output: Hex;
        /** How the version is registered: with it the enclave computes modelId from the bytes that it runs. */
        registration: { owner: Hex; derivedFrom: Hex };
        signal: AbortSignal;
    }) => Promise<Hex>;
};

/** Talks to one enclave. An endpoint that is not reached throws EXECUTOR_ENCLAVE_UNREACHABLE, which is tried again. */
export function createEnclaveClient({ url, fetch }: { url: string; fetch: typeof globalThis.fetch }): EnclaveClient {
    const call = async ({ path, body, signal }: { path: string; body?: unknown; signal: AbortSignal }) => {
        const bounded = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
        const init: RequestInit =
            body === undefined
                ? {}
                : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
        try {
            const response = await fetch(new URL(path, url), { ...init, redirect: "error", signal: bounded });
            return { ok: response.ok, json: await response.json() };
        } catch (cause) {
            throw new ProtocolError({ code: "EXECUTOR_ENCLAVE_UNREACHABLE", message: `${url} did not answer.`, cause });
        }
    };
    const read = async <Schema extends z.ZodType>(
        schema: Schema,
        question: { path: string; body?: unknown; signal: AbortSignal },
    ): Promise<z.output<Schema>> => {
        const { ok, json } = await call(question);
        const parsed = schema.safeParse(json);
        if (ok && parsed.success) return parsed.data;
        const said = refusal.safeParse(json);
        const message = said.success ? `${said.data.error.code}: ${said.data.error.message}` : "It sent no answer.";
        throw new ProtocolError({ code: "EXECUTOR_ENCLAVE_REFUSED", message: `${url}: ${message}` });
    };
    return {
        url,
        identity: ({ signal }) => read(identity, { path: "/v1/enclave", signal }),
        sign: async ({ statement, signal, ...rest }) => {
            const body = { ...rest, statement: statementToJson(statement) };
            return (await read(signed, { path: "/v1/sign", body, signal })).signature;
        },
    };
}
