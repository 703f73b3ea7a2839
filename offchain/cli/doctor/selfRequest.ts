import { type Hex, hexToBytes, ZERO_ADDRESS } from "@assay/protocol";
import { type ActingOn, sendRequest, waitForAnswer } from "@assay/sdk";
import { prepareRequest } from "../chain/prepareRequest.ts";
import { type Finding, fail, ok } from "./finding.ts";

/** Long enough for an executor to be asked, gives the money back soon when nobody is there. */
const DEADLINE_SECONDS = 600;

/** What a self-request asks for. */
export type SelfWish = { modelId: Hex; policy: bigint; executors: readonly Hex[]; inputHex: Hex };

/** Asks for one real inference and waits for its end. */
export async function selfRequest(
    { acting, signal }: { acting: ActingOn & { chainId: number }; signal: AbortSignal },
    { inputHex, ...wish }: SelfWish,
): Promise<Finding> {
    const loose = {
        ...wish,
        token: ZERO_ADDRESS,
        input: hexToBytes(inputHex),
        feeWei: undefined,
        deadlineSeconds: DEADLINE_SECONDS,
    };
    const prepared = await prepareRequest(acting, loose);
    await sendRequest(acting, prepared);
    const { status } = await waitForAnswer({ ...acting, signal }, prepared);
    if (status === "Final") return ok("self-request", `${prepared.requestId} answered`);
    return fail("self-request", {
        detail: `${prepared.requestId} ended ${status}`,
        fix: "Look at the executor's log.",
    });
}
