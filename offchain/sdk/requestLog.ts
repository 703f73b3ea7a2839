import { type Hex, hexToBytes, ProtocolError, requestIdHub, type Terms, toHex, ZERO_BYTES32 } from "@assay/protocol";
import type { Provider } from "ethers";
import { z } from "zod";
import { type FoundEvent, findEvents, type LogPlace } from "./_events.ts";
import { inferenceHubAbi } from "./abi.ts";
import type { Deployment } from "./deployment.ts";

const hex = z.string().transform((text) => toHex(text));
/** Terms as ethers decodes them. */
export const termsArgs = z.object({
    modelId: hex,
    configHash: hex,
    inputHash: hex,
    policy: z.bigint(),
    executors: z.array(hex),
    minStakeWei: z.bigint(),
    feeWei: z.bigint(),
    token: hex,
    deadline: z.bigint(),
    callback: hex,
    callbackGas: z.bigint(),
    refundee: hex,
});
const requestedArgs = z.object({
    requester: hex,
    salt: hex,
    terms: termsArgs,
    input: hex,
    /** Bytes that are no text lead nowhere. */
    inputUri: z.string().default(""),
    meetableClauses: z.bigint(),
});
const answerArgs = z.object({
    executor: hex,
    resultCode: z.bigint().default(0n),
    presentMask: z.bigint(),
    issuedAt: z.bigint(),
    round: z.bigint(),
    /** Zero for a failure. */
    outputHash: hex.default(ZERO_BYTES32),
    /** Absent for a failure; empty when the output stays committed. */
    output: hex.optional(),
});

/** A request as its event recorded it. */
export type RecordedRequest = LogPlace & {
    requestId: Hex;
    requester: Hex;
    salt: Hex;
    terms: Terms;
    /** Empty when the input travels by URI. */
    input: Uint8Array;
    inputUri: string;
    /** Bit i is set when clause i of the policy could be met when the request was made. */
    meetableClauses: number;
};

/** An answer as its event recorded it: a delivery, or a coded failure without output. */
export type RecordedAnswer = LogPlace & z.output<typeof answerArgs>;

type ChainDeps = { provider: Provider; deployment: Deployment };

/** The request with this id, or REQUEST_UNKNOWN; what the log says is checked against the id. */
export async function recordedRequest({ provider, deployment }: ChainDeps, requestId: Hex): Promise<RecordedRequest> {
    const [event] = await hubEvents({ provider, deployment }, { requestId, names: ["Requested"] });
    if (event === undefined) {
        throw new ProtocolError({ code: "REQUEST_UNKNOWN", message: `The hub recorded no request ${requestId}.` });
    }
    const { requester, salt, terms, input, ...rest } = requestedArgs.parse(event.values);
    const { chainId, contracts } = deployment;
    const computed = requestIdHub({ chainId, hub: contracts.InferenceHub, requester, salt, terms });
    if (computed !== requestId) {
        throw new ProtocolError({
            code: "REQUEST_LOG_INVALID",
            message: `The log of ${requestId} hashes to ${computed}.`,
        });
    }
    return {
        ...rest,
        requestId,
        requester,
        salt,
        terms,
        input: hexToBytes(input),
        meetableClauses: Number(rest.meetableClauses),
        ...event.place,
    };
}

/** The final answer to a request; undefined while there is none. */
export async function recordedAnswer(deps: ChainDeps, requestId: Hex): Promise<RecordedAnswer | undefined> {
    const logs = await hubEvents(deps, { requestId, names: ["Delivered", "Errored"] });
    const last = logs.at(-1);
    return last === undefined ? undefined : { ...answerArgs.parse(last.values), ...last.place };
}

async function hubEvents(
    { provider, deployment }: ChainDeps,
    { requestId, names }: { requestId: Hex; names: readonly string[] },
): Promise<FoundEvent[]> {
    return findEvents(
        { provider },
        {
            abi: inferenceHubAbi,
            names,
            address: deployment.contracts.InferenceHub,
            topics: [null, requestId],
            fromBlock: deployment.hubFromBlock,
            toBlock: await provider.getBlockNumber(),
        },
    );
}
