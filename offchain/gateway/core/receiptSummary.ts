import { type JsonObject, presetOf, type Receipt, uintToHex } from "@assay/protocol";
import { receiptIdOf } from "./ids.ts";

/** A policy as callers name it: its preset, else its word in hex. */
export function policyName(policy: bigint): string {
    return presetOf(policy) ?? uintToHex(policy);
}

/** What a response says of its receipt: enough to ask for it, which evidence was there by then, and whether that is all. */
export function receiptSummary({
    id,
    url,
    receipt,
    status,
}: {
    id: string;
    url: string;
    receipt: Receipt;
    /** served: a proof is still to come. */
    status: "served" | "proven";
}): JsonObject {
    const policy = receipt.origin === "gateway" ? policyName(BigInt(receipt.request.policy)) : null;
    return {
        id: receiptIdOf(id),
        url,
        requestId: receipt.statement.requestId,
        status,
        policy,
        families: receipt.evidence.map(({ family }) => family),
    };
}
