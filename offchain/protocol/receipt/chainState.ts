import type { Hex } from "../hex.ts";
import type { PaymentRecord } from "./context.ts";
import type { EnclaveFacts, ExecutorFacts, ModelFacts } from "./schema.ts";

/** An answer as a hub recorded it. */
export interface RecordedDelivery {
    resultCode: number;
    presentMask: number;
    outputHash: Hex;
    transaction: Hex;
    blockNumber: number;
    blockHash: Hex;
    /** The rest of the statement: without it somebody else's equal answer passes for the one that was recorded. */
    executor?: Hex;
    issuedAt?: number;
    round?: number;
}

/**
 * What the caller read from its own node to check a receipt against. Everything but chainId may be left out: what is
 * left out stays claimed.
 */
export interface ChainState {
    chainId: number;
    /** The block that the receipt says was read, as this node knows it. */
    block?: { number: number; hash: Hex; timestamp: number };
    /** The model version as of that block. */
    model?: ModelFacts;
    /** The executor's record as of that block. */
    executor?: ExecutorFacts;
    /** The records of its enclaves as of that block. */
    enclaves?: EnclaveFacts[];
    /** What became known since: where the receipt's keys stand now, and whether the model's canary is broken. */
    latest?: {
        keyState?: ExecutorFacts["state"];
        modelBroken?: boolean;
        enclaves?: Record<Hex, EnclaveFacts["standing"]>;
    };
    /** What the hub recorded for this requestId; null when it recorded no answer. */
    delivery?: RecordedDelivery | null;
    /** What the consumer of a pull request asked for, from its PullRequested event. */
    ask?: {
        modelId: Hex;
        configHash: Hex;
        inputHash: Hex;
        policy: bigint;
        executors: readonly Hex[];
        minStakeWei: bigint;
    };
    /** The batch in which the executor posted the sequence of a gateway's receipt; null when it posted none. */
    batch?: { log: Hex; root: Hex; depth: number } | null;
    /**
     * The version of a configuration that a gateway's context names, and since when the next one is in force if there is
     * one; null when there is no such version.
     */
    config?: { configHash: Hex; inForceFrom: number; supersededAt?: number } | null;
    /** What the transaction of a gateway's payment moved by its nonce; null when it moved nothing. */
    payment?: Omit<PaymentRecord, "scheme" | "flow"> | null;
    /** What the transaction of a refund moved back to the payer, in units of the token; null when nothing. */
    refund?: { transaction: Hex; amount: string } | null;
}
