import type { Hex, Terms } from "@assay/protocol";

/** What somebody asked for, as its event says. It never changes: the requestId commits to it. */
export type Wanted = HubWanted | PullWanted;

/** Asked at the hub, which holds the fee. */
export type HubWanted = { origin: "hub"; requester: Hex; salt: Hex; terms: Terms; inputUri: string };

/** Asked by a consumer that will check the evidence itself; nobody pays for it here. */
export type PullWanted = { origin: "pull"; consumer: Hex; salt: Hex; ask: Ask };

/** What every answer must fit, whoever asked. */
export type Ask = {
    modelId: Hex;
    configHash: Hex;
    inputHash: Hex;
    policy: bigint;
    executors: readonly Hex[];
    minStakeWei: bigint;
};

/** The part of a request that decides about its evidence. */
export function askOf(wanted: Wanted): Ask {
    if (wanted.origin === "pull") return wanted.ask;
    const { modelId, configHash, inputHash, policy, executors, minStakeWei } = wanted.terms;
    return { modelId, configHash, inputHash, policy, executors, minStakeWei };
}

/** Whose request it is: the account that asked the hub, or the consumer contract. */
export function requesterOf(wanted: Wanted): Hex {
    return wanted.origin === "hub" ? wanted.requester : wanted.consumer;
}
