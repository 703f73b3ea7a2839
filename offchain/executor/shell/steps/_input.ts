import { decodeIoSpec, keccak256, ProtocolError, sideBytes } from "@assay/protocol";
import { askOf } from "../../core/wanted.ts";
import type { JournalledRequest } from "../journal/requests.ts";
import type { LocalModel } from "../models/store.ts";
import { readAtMost } from "../readAtMost.ts";
import type { Context } from "./context.ts";

/** A server that does not give the whole input within this is taken as unable to. */
const FETCH_TIMEOUT_MS = 15_000;

/**
 * The input of a request: from its event, or from its URI. Undefined if there is none with the hash that was asked for,
 * which no later try can change. A server that does not answer throws EXECUTOR_INPUT_UNAVAILABLE, and is asked again.
 */
export async function inputOf({
    context,
    request,
    model,
    signal,
}: {
    context: Pick<Context, "inputHosts" | "fetch">;
    request: Pick<JournalledRequest, "wanted" | "input">;
    model: Pick<LocalModel, "spec">;
    signal: AbortSignal;
}): Promise<Uint8Array | undefined> {
    const { wanted, input } = request;
    const uri = wanted.origin === "hub" ? wanted.inputUri : "";
    const limit = sideBytes(decodeIoSpec(model.spec.ioSpec).input);
    const bytes = input.length > 0 || uri === "" ? input : await fetchInput({ context, uri, limit, signal });
    return bytes !== undefined && keccak256(bytes) === askOf(wanted).inputHash ? bytes : undefined;
}

/** Only over HTTPS, only from hosts the operator chose, without redirects: a URI is written by a stranger. */
async function fetchInput({
    context,
    uri,
    limit,
    signal,
}: {
    context: Pick<Context, "inputHosts" | "fetch">;
    uri: string;
    limit: number;
    signal: AbortSignal;
}): Promise<Uint8Array | undefined> {
    const url = URL.canParse(uri) ? new URL(uri) : undefined;
    if (url?.protocol !== "https:" || !context.inputHosts.includes(url.host)) return undefined;
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(FETCH_TIMEOUT_MS)]);
    try {
        const response = await context.fetch(url, { redirect: "error", signal: bounded });
        if (response.ok && response.body !== null) return await readAtMost({ body: response.body, limit });
        throw new Error(`status ${response.status}`);
    } catch (cause) {
        throw new ProtocolError({ code: "EXECUTOR_INPUT_UNAVAILABLE", message: `${url.host} gave no input.`, cause });
    }
}
