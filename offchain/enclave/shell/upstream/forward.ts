import { readAtMost } from "@assay/executor/parts";
import { remoteSpecOf } from "../../core/remoteModels.ts";
import type { Outcome, ServedModel } from "../../core/servedModel.ts";
import { codeOf } from "../../core/statementFault.ts";
import { readAnswer, readRequest } from "../../core/upstream.ts";

/** Whom the enclave asks; all but the key is part of its measured configuration. */
export type Upstream = {
    /** Where requests are posted to. */
    url: URL;
    /** Sent as a bearer token; undefined = none. */
    key: string | undefined;
    /** Models that may be asked for; empty = any. */
    models: readonly string[];
    timeoutMs: number;
    fetch: typeof globalThis.fetch;
};

/** The most that is read of an answer. */
const MOST_ANSWER_BYTES = 4 << 20;

/** One model of the upstream. Nobody can have it answer twice alike, so only remembered outcomes are signed. */
export function remoteModel({ upstream, model }: { upstream: Upstream; model: string }): ServedModel {
    const { host } = upstream.url;
    return {
        name: model,
        key: `${host} ${model}`,
        repeatable: false,
        specFor: (registration) => remoteSpecOf({ host, model, registration }),
        answer: ({ input, signal }) => forward({ upstream, model, input, signal }),
    };
}

/** The model that an input asks for, if it may be asked for; undefined otherwise. */
export function modelAskedFor({ upstream, input }: { upstream: Upstream; input: Uint8Array }): ServedModel | undefined {
    const asked = readRequest(input)?.model;
    const isAllowed = upstream.models.length === 0 || upstream.models.includes(asked ?? "");
    return asked !== undefined && isAllowed ? remoteModel({ upstream, model: asked }) : undefined;
}

async function forward({
    upstream,
    model,
    input,
    signal,
}: {
    upstream: Upstream;
    model: string;
    input: Uint8Array;
    signal: AbortSignal;
}): Promise<Outcome> {
    const request = readRequest(input);
    if (request?.model !== model) return failed("INPUT_SHAPE");
    const body = await ask({ upstream, body: request.body, signal });
    if (body === undefined) return failed("MODEL_FAILED");
    const output = readAnswer({ body, model });
    return output === undefined ? failed("OUTPUT_INVALID") : { resultCode: 0, output };
}

/**
 * The upstream's answer; undefined when it gives none: no connection, a certificate that does not hold, a redirect, a
 * status other than 200, a stall, too much of it. Whoever asks the enclave and goes away ends it too.
 */
async function ask({
    upstream: { url, key, timeoutMs, fetch },
    body,
    signal,
}: {
    upstream: Upstream;
    body: string;
    signal: AbortSignal;
}): Promise<Uint8Array | undefined> {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const authorization = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const headers = { "content-type": "application/json", accept: "application/json", ...authorization };
    try {
        const response = await fetch(url, { method: "POST", headers, body, redirect: "error", signal: bounded });
        if (response.status === 200 && response.body !== null) {
            return await readAtMost({ body: response.body, limit: MOST_ANSWER_BYTES });
        }
        await response.body?.cancel();
        return undefined;
    } catch {
        // What went wrong out there is the operator's to find; here it is one coded failure.
        signal.throwIfAborted();
        return undefined;
    }
}

function failed(name: string): Outcome {
    return { resultCode: codeOf(name), output: new Uint8Array() };
}
