import { type Evidence, type Hex, requestIdHub, toHex } from "@assay/protocol";
import { Interface, type Provider, type Result } from "ethers";
import { z } from "zod";
import { inferenceHubAbi } from "./abi.ts";
import { namedValues } from "./abiValue.ts";
import type { Deployment } from "./deployment.ts";
import { termsArgs } from "./requestLog.ts";

/** What a delivery brought: the hub's events leave evidence out, logging it would cost more than checking some of it. */
export type DeliveryCall = {
    /** Empty unless the delivery brought it. */
    input: Hex;
    evidence: Evidence[];
};

const HUB = new Interface(inferenceHubAbi);
const hex = z.string().transform((text) => toHex(text));
const fulfilArgs = z.object({
    key: z.object({ requester: hex, salt: hex, terms: termsArgs }),
    answer: z.object({ input: hex }),
    evidence: z.array(z.object({ family: z.bigint().transform(Number), data: hex })),
});

/**
 * Every call of `fulfil` for a request in the calldata of its delivery, also inside a call to another contract. Whoever
 * sent it may have put others beside the one that was made: only what the evidence shows tells them apart.
 */
export async function* deliveryCalls(
    { provider, deployment }: { provider: Provider; deployment: Deployment },
    { requestId, transactionHash }: { requestId: Hex; transactionHash: Hex },
): AsyncGenerator<DeliveryCall> {
    const transaction = await provider.getTransaction(transactionHash);
    const data = transaction?.data.slice(2) ?? "";
    const selector = HUB.getFunction("fulfil")?.selector.slice(2) ?? "";
    for (let at = data.indexOf(selector); at !== -1; at = data.indexOf(selector, at + 1)) {
        const found = callAt({ bytes: `0x${data.slice(at)}`, requestId, deployment });
        if (found !== undefined) yield found;
    }
}

type Place = { bytes: string; requestId: Hex; deployment: Deployment };

/** A call of `fulfil`; undefined if the bytes are none, or one for another request. */
function callAt({ bytes, requestId, deployment: { chainId, contracts } }: Place): DeliveryCall | undefined {
    const parsed = fulfilArgs.safeParse(decoded(bytes));
    if (!parsed.success) return undefined;
    const { key, answer, evidence } = parsed.data;
    const id = requestIdHub({ chainId, hub: contracts.InferenceHub, ...key });
    return id === requestId ? { input: answer.input, evidence } : undefined;
}

/** Arguments by name; undefined for bytes that only happen to start like the call. */
function decoded(bytes: string): Record<string, unknown> | undefined {
    const fragment = HUB.getFunction("fulfil");
    if (fragment === null) return undefined;
    let args: Result;
    try {
        args = HUB.decodeFunctionData(fragment, bytes);
    } catch {
        return undefined;
    }
    return namedValues({ inputs: fragment.inputs, args });
}
