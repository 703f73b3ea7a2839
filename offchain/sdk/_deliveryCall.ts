import { type Evidence, type Hex, requestIdHub, toHex } from "@assay/protocol";
import { Interface, type Provider } from "ethers";
import { z } from "zod";
import { callsIn } from "./_calls.ts";
import { inferenceHubAbi } from "./abi.ts";

import type { Deployment } from "./deployment.ts";
import { termsArgs } from "./requestLog.ts";

/** What a delivery brought: the hub's events leave evidence out, logging it would cost more than checking some of it. */
export type DeliveryCall = {
    /** Empty unless the delivery brought it. */
    input: Hex;
    evidence: Evidence[];
};

const MOST_CALLS = 64;
const HUB = new Interface(inferenceHubAbi);
const hex = z.string().transform((text) => toHex(text));
const fulfilArgs = z.object({
    key: z.object({ requester: hex, salt: hex, terms: termsArgs }),
    answer: z.object({ input: hex }),
    evidence: z.array(z.object({ family: z.bigint().transform(Number), data: hex })),
});

/**
 * Every call of `fulfil` for a request in the calldata of its delivery, also inside a call to another contract. Whoever
 * sent it may have put others beside the one that was made: only what the evidence shows tells them apart. Each one is
 * looked into with questions to the node, so that no more than the first 64 are: a sender who hides its evidence behind
 * others could as well have had a contract put the call together.
 */
export async function* deliveryCalls(
    { provider, deployment }: { provider: Provider; deployment: Deployment },
    { requestId, transactionHash }: { requestId: Hex; transactionHash: Hex },
): AsyncGenerator<DeliveryCall> {
    const transaction = await provider.getTransaction(transactionHash);
    let left = MOST_CALLS;
    for (const args of callsIn({ data: transaction?.data ?? "0x", contract: HUB, name: "fulfil" })) {
        const found = deliveryOf({ args, requestId, deployment });
        if (found === undefined) continue;
        yield found;
        if (--left === 0) return;
    }
}

type Place = { args: Record<string, unknown>; requestId: Hex; deployment: Deployment };

/** A call of `fulfil`; undefined if it is for another request. */
function deliveryOf({ args, requestId, deployment: { chainId, contracts } }: Place): DeliveryCall | undefined {
    const parsed = fulfilArgs.safeParse(args);
    if (!parsed.success) return undefined;
    const { key, answer, evidence } = parsed.data;
    const id = requestIdHub({ chainId, hub: contracts.InferenceHub, ...key });
    return id === requestId ? { input: answer.input, evidence } : undefined;
}
