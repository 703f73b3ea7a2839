import { type Hex, hexToBytes, isHex, keccak256, requestIdHub, requestIdPull } from "@assay/protocol";
import { inferenceClientAbi, inferenceHubAbi, namedValues } from "@assay/sdk";
import { Interface, type LogDescription } from "ethers";
import { z } from "zod";
import type { Settlement } from "../../core/state.ts";
import type { HubWanted, PullWanted } from "../../core/wanted.ts";
import type { LogPlace } from "../journal/chain.ts";
import type { LogFilter, RawLog } from "./chain.ts";

/** What a log means here. */
export type ChainEvent = { requestId: Hex; place: LogPlace } & (
    | { kind: "requested"; wanted: HubWanted; input: Uint8Array }
    | { kind: "pullRequested"; wanted: PullWanted; input: Uint8Array }
    | { kind: "settled"; settlement: Settlement }
);

/** The contracts that ids are computed for. */
export type Addresses = { chainId: number; hub: Hex; gate: Hex };

/** Lower case, so that equal addresses are equal texts: ethers writes them with a checksum. */
const hex = z
    .string()
    .toLowerCase()
    .pipe(z.custom<Hex>((value) => isHex(value), "not hex"));
const HUB = new Interface(inferenceHubAbi);
const CLIENT = new Interface(inferenceClientAbi);
const HOW = { Delivered: "delivered", Errored: "errored", Refunded: "refunded" } as const;

const ask = {
    modelId: hex,
    configHash: hex,
    policy: z.bigint(),
    executors: z.array(hex),
    minStakeWei: z.bigint(),
};
const requested = z.object({
    requestId: hex,
    requester: hex,
    salt: hex,
    terms: z.object({
        ...ask,
        inputHash: hex,
        feeWei: z.bigint(),
        token: hex,
        deadline: z.bigint(),
        callback: hex,
        callbackGas: z.bigint(),
        refundee: hex,
    }),
    input: hex,
    /** Empty too when it is no text: then nothing can be fetched. */
    inputUri: z.string().default(""),
});
const pullRequested = z.object({ requestId: hex, salt: hex, input: hex, ...ask });
const settled = z.object({
    requestId: hex,
    executor: hex.optional(),
    presentMask: z.bigint().transform(Number).optional(),
});

/** The hub's events that matter. */
export function hubFilter({ hub }: { hub: Hex }): LogFilter {
    return { addresses: [hub], topics: ["Requested", ...Object.keys(HOW)].map((name) => topicOf(HUB, name)) };
}

/** Pull requests of these consumers, or of any contract. */
export function pullFilter({ consumers }: { consumers: readonly Hex[] | "any" }): LogFilter {
    return { addresses: consumers === "any" ? undefined : consumers, topics: [topicOf(CLIENT, "PullRequested")] };
}

/**
 * What a log means; undefined if it is not an event that matters or is malformed, which anybody may emit in pull mode.
 * A requestId is believed only if it is the hash of the rest.
 */
export function readLog({ addresses, log }: { addresses: Addresses; log: RawLog }): ChainEvent | undefined {
    const { blockNumber, blockHash, logIndex, txHash } = log;
    const place = { block: { number: blockNumber, hash: blockHash }, logIndex, txHash };
    try {
        return log.address.toLowerCase() === addresses.hub.toLowerCase()
            ? readHubLog({ addresses, log, place })
            : readPullLog({ addresses, log, place });
    } catch (error) {
        if (error instanceof z.ZodError || (error instanceof Error && "code" in error)) return undefined;
        throw error;
    }
}

type Reading = { addresses: Addresses; log: RawLog; place: LogPlace };

function readHubLog({ addresses, log, place }: Reading): ChainEvent | undefined {
    const found = HUB.parseLog(log);
    if (found === null) return undefined;
    const values = argumentsOf(found);
    if (found.name === "Requested") {
        const { requestId, requester, salt, terms, input, inputUri } = requested.parse(values);
        if (requestIdHub({ ...addresses, requester, salt, terms }) !== requestId) return undefined;
        const wanted: HubWanted = { origin: "hub", requester, salt, terms, inputUri };
        return { kind: "requested", requestId, place, wanted, input: hexToBytes(input) };
    }
    if (found.name !== "Delivered" && found.name !== "Errored" && found.name !== "Refunded") return undefined;
    const { requestId, ...answer } = settled.parse(values);
    const settlement = { how: HOW[found.name], block: place.block, txHash: place.txHash, ...answer };
    return { kind: "settled", requestId, place, settlement };
}

function readPullLog({ addresses, log, place }: Reading): ChainEvent | undefined {
    const found = CLIENT.parseLog(log);
    if (found?.name !== "PullRequested") return undefined;
    const { requestId, salt, input, ...rest } = pullRequested.parse(argumentsOf(found));
    const consumer = hex.parse(log.address);
    if (requestIdPull({ ...addresses, consumer, salt }) !== requestId) return undefined;
    const bytes = hexToBytes(input);
    const wanted: PullWanted = { origin: "pull", consumer, salt, ask: { ...rest, inputHash: keccak256(bytes) } };
    return { kind: "pullRequested", requestId, place, wanted, input: bytes };
}

function argumentsOf({ fragment, args }: LogDescription): Record<string, unknown> {
    return namedValues({ inputs: fragment.inputs, args });
}

function topicOf(contract: Interface, event: string): Hex {
    return hex.parse(contract.getEvent(event)?.topicHash);
}
