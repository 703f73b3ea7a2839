import { type ErrorCode, explainError, isErrorCode, ProtocolError } from "@assay/protocol";
import { z } from "zod";
import type { Setting } from "./options.ts";

/** Longer answers are cut off: nobody makes this side keep more. */
const MOST_BODY_BYTES = 64 * 2 ** 20;
const MOST_MESSAGE_CHARACTERS = 500;

const faultBody = z.object({ error: z.object({ message: z.string(), code: z.string().nullish() }) });

/** One call of a gateway. */
export type HttpCall = {
    method: "GET" | "POST";
    path: string;
    body?: string;
    headers?: Record<string, string>;
    signal?: AbortSignal | undefined;
};

/** Sends a call and gives the response once its head is there; throws what fetch throws. Redirects are not followed. */
export async function send(
    { gatewayUrl, fetch: fetchIt, timeoutMs }: Pick<Setting, "gatewayUrl" | "fetch" | "timeoutMs">,
    { method, path, body, headers = {}, signal }: HttpCall,
): Promise<Response> {
    if (gatewayUrl === undefined) {
        throw new ProtocolError({ code: "SDK_OPTIONS_INVALID", message: "There is no gatewayUrl." });
    }
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new DOMException("No answer in time.", "TimeoutError")), timeoutMs);
    try {
        return await fetchIt(`${gatewayUrl}${path}`, {
            method,
            headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
            ...(body === undefined ? {} : { body }),
            // a payment goes where it was meant to go, or nowhere
            redirect: "error",
            signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
        });
    } finally {
        clearTimeout(timer);
    }
}

/** Chunks of a body, up to a bound; throws SDK_GATEWAY_ANSWER_INVALID beyond it. */
export async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
        bytes += chunk.length;
        if (bytes > MOST_BODY_BYTES) throw notAnAnswer(`More than ${MOST_BODY_BYTES} bytes.`);
        yield chunk;
    }
}

/** The JSON of a body; throws SDK_GATEWAY_ANSWER_INVALID. */
export async function jsonOf(response: Response): Promise<unknown> {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of chunksOf(response)) text += decoder.decode(chunk, { stream: true });
    try {
        return JSON.parse(text + decoder.decode());
    } catch (cause) {
        throw notAnAnswer(`Status ${response.status} with a body that is no JSON.`, cause);
    }
}

/** The fault that a refusal says, or SDK_GATEWAY_FAULT. */
export async function faultOf(response: Response): Promise<ProtocolError> {
    const { status } = response;
    const body = faultBody.safeParse(await jsonOf(response).catch(() => undefined));
    const { code, message } = body.data?.error ?? { code: undefined, message: "" };
    const known: ErrorCode = code != null && isErrorCode(code) ? code : "SDK_GATEWAY_FAULT";
    // its message ends with the fix of the same table, which is appended here
    const said = message.replace(explainError(known).fix, "").trim().slice(0, MOST_MESSAGE_CHARACTERS);
    return new ProtocolError({ code: known, message: `The gateway answers ${status}: ${said}` });
}

/** SDK_GATEWAY_ANSWER_INVALID. */
export function notAnAnswer(message: string, cause?: unknown): ProtocolError {
    return new ProtocolError({ code: "SDK_GATEWAY_ANSWER_INVALID", message, cause });
}
