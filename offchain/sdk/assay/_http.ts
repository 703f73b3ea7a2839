import { type ErrorCode, explainError, isErrorCode, ProtocolError, plainText } from "@assay/protocol";
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

/**
 * Sends a call and gives the response once its head is there; throws what fetch throws. Redirects are not followed. A body
 * that stalls for as long as a head may take ends with SDK_GATEWAY_UNREACHABLE.
 */
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
        const response = await fetchIt(`${gatewayUrl}${path}`, {
            method,
            headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
            ...(body === undefined ? {} : { body }),
            // a payment goes where it was meant to go, or nowhere
            redirect: "error",
            signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
        });
        return withoutStalls(response, timeoutMs);
    } finally {
        clearTimeout(timer);
    }
}

/** Nobody may keep a caller waiting for ever by sending the head of a response and no more. */
function withoutStalls(response: Response, timeoutMs: number): Response {
    if (response.body === null) return response;
    const reader = response.body.getReader();
    const body = new ReadableStream<Uint8Array>({
        pull: async (controller) => {
            const late = Promise.withResolvers<never>();
            const message = "The rest of its answer did not come in time.";
            const fault = new ProtocolError({ code: "SDK_GATEWAY_UNREACHABLE", message });
            const timer = setTimeout(() => late.reject(fault), timeoutMs);
            try {
                const { done, value } = await Promise.race([reader.read(), late.promise]);
                if (done) controller.close();
                else controller.enqueue(value);
            } catch (cause) {
                controller.error(cause);
                await reader.cancel(cause).catch(() => undefined);
            } finally {
                clearTimeout(timer);
            }
        },
        cancel: (reason) => reader.cancel(reason),
    });
    const { status, statusText, headers } = response;
    return new Response(body, { status, statusText, headers });
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
    // what only this side knows, such as what became of its payment, a gateway cannot say
    const isKnown = code != null && isErrorCode(code) && !code.startsWith("SDK_");
    const known: ErrorCode = isKnown ? code : "SDK_GATEWAY_FAULT";
    // its message ends with the fix of the same table, which is appended here
    const said = plainText(message.replace(explainError(known).fix, "").trim().slice(0, MOST_MESSAGE_CHARACTERS));
    return new ProtocolError({ code: known, message: `The gateway answers ${status}: ${said}` });
}

/** SDK_GATEWAY_ANSWER_INVALID. */
export function notAnAnswer(message: string, cause?: unknown): ProtocolError {
    return new ProtocolError({ code: "SDK_GATEWAY_ANSWER_INVALID", message, cause });
}
