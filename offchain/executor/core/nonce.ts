import type { GasPrice } from "./fees.ts";

/** One nonce of ours that the chain has not used up, and the transactions we signed for it, the dearest last. */
export type OpenNonce = {
    nonce: number;
    /** Whether its delivery is still needed; otherwise the nonce only has to be used up. */
    wanted: boolean;
    transactions: readonly { hash: string; delivers: boolean; price: GasPrice; madeAtBlock: number }[];
};

/** What the chain says of it. */
export type NonceFacts = {
    /** The account's next nonce. */
    nextNonce: number;
    /** Newest block. */
    headNumber: number;
    /** Its base fee: a transaction that offers less is not taken by nodes. */
    baseFeeWei: bigint;
    /** Whether the node knows the dearest transaction of this nonce. */
    known: boolean;
    /** Whether we signed transactions with higher nonces, which wait for this one. */
    othersWait: boolean;
};

/** Blocks that a transaction may wait before its price is raised: half a minute on chains with 12-second blocks. */
export const PATIENCE_BLOCKS = 3;

/** What to do about an open nonce. */
export type NonceStep =
    /** The chain used it up: find out by what. */
    | { kind: "resolve" }
    /** Hand over the dearest transaction (again). */
    | { kind: "send" }
    /** Sign the delivery again at a higher price. */
    | { kind: "raise" }
    /** Use the nonce up by a transaction that does nothing. */
    | { kind: "fill" }
    | { kind: "wait" };

/**
 * What to do about a nonce. Sending is idempotent and the chain alone tells what became of it, so nothing here depends on
 * what a node once answered.
 */
export function stepForNonce({ open, facts }: { open: OpenNonce; facts: NonceFacts }): NonceStep {
    const dearest = open.transactions.at(-1);
    if (dearest === undefined) return { kind: "wait" };
    if (facts.nextNonce > open.nonce) return { kind: "resolve" };

    if (open.wanted && dearest.delivers) {
        if (!facts.known) return { kind: dearest.price.maxFeeWei < facts.baseFeeWei ? "raise" : "send" };
        const waited = facts.headNumber - dearest.madeAtBlock;
        return waited >= PATIENCE_BLOCKS ? { kind: "raise" } : { kind: "wait" };
    }
    // Nobody needs the delivery any more. While it may still be mined, or holds up others, a cheap transaction takes
    // its place; otherwise the nonce is left for the next delivery.
    if (dearest.delivers) return facts.known || facts.othersWait ? { kind: "fill" } : { kind: "wait" };
    if (!facts.known) return facts.othersWait || open.wanted ? { kind: "send" } : { kind: "wait" };
    return facts.headNumber - dearest.madeAtBlock >= PATIENCE_BLOCKS ? { kind: "fill" } : { kind: "wait" };
}
