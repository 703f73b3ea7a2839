import { type Hex, ProtocolError } from "@assay/protocol";
import type { Provider } from "ethers";
import type { Deployment } from "./deployment.ts";
import { type RequestState, requestState } from "./hub.ts";
import { pause } from "./pause.ts";

/** A request that is in one of these changes no more. */
const ENDED: readonly string[] = ["Final", "Errored", "Refunded", "Voided"];
/** About twelve times per block of the main network. */
const POLLING_INTERVAL_MS = 1_000;

/**
 * Waits until a request has ended; the signal bounds the wait, and REQUEST_UNANSWERED says that it did.
 * @example
 * const { status } = await waitForAnswer({ provider, deployment, signal: AbortSignal.timeout(60_000) }, { requestId });
 */
export async function waitForAnswer(
    { provider, deployment, signal }: { provider: Provider; deployment: Deployment; signal: AbortSignal },
    { requestId, intervalMs = POLLING_INTERVAL_MS }: { requestId: Hex; intervalMs?: number },
): Promise<RequestState> {
    while (!signal.aborted) {
        const state = await requestState({ provider, deployment }, requestId);
        if (ENDED.includes(state.status)) return state;
        await pause(intervalMs, signal);
    }
    const message = `${requestId} had no final answer when the wait ended.`;
    throw new ProtocolError({ code: "REQUEST_UNANSWERED", message, cause: signal.reason });
}
