import { type FacilitatorClient, HTTPFacilitatorClient } from "@x402/core/server";

/** Where somebody else's facilitator is. */
export type RemoteSettings = {
    url: string;
    /** Sent as a bearer token with every call. */
    bearer?: string | undefined;
    timeoutMs?: number | undefined;
};

/** Settling takes a block or two; what takes longer is looked for in the chain. */
const ANSWER_TIMEOUT_MS = 30_000;

/** A facilitator over HTTP: the official client. What it does not answer in time may have been settled all the same. */
export function createRemoteFacilitator({
    url,
    bearer,
    timeoutMs = ANSWER_TIMEOUT_MS,
}: RemoteSettings): FacilitatorClient {
    if (bearer === undefined) return new HTTPFacilitatorClient({ url, timeoutMs });
    const headers = { Authorization: `Bearer ${bearer}` };
    const createAuthHeaders = async () => ({ verify: headers, settle: headers, supported: headers });
    return new HTTPFacilitatorClient({ url, timeoutMs, createAuthHeaders });
}
