import { type JsonObject, presetOf, type Receipt, uintToHex } from "@assay/protocol";
import { receiptIdOf } from "./ids.ts";

/** A policy as callers name it: its preset, else its word in hex. */
export function policyName(policy: bigint): string {
    return presetOf(policy) ?? uintToHex(policy);
}

/** What a response says of its receipt: enough to ask for it, and which evidence was there by then. */
export function receiptSummary({ id, url, receipt }: { id: string; url: string; receipt: Receipt }): JsonObject {
    const policy = receipt.origin === "gateway" ? policyName(BigInt(receipt.request.policy)) : null;
    return {
        id: receiptIdOf(id),
        url,
        requestId: receipt.statement.requestId,
        policy,
        families: receipt.evidence.map(({ family }) => family),
    };
}
