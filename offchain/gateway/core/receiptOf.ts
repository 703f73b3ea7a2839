import {
    bytesToHex,
    type Evidence,
    evidenceToJson,
    type GatewayContext,
    type GatewayReceipt,
    type Hex,
    RECEIPT_VERSION,
    type RegistryFacts,
    uintToHex,
} from "@assay/protocol";
import type { Order } from "./order.ts";

/** What a context says beside the order. */
type Said = {
    order: Omit<Order, "id" | "input">;
    model: { claimClass: GatewayContext["claimClass"] };
    outcome: Pick<GatewayContext, "outputParts" | "usage" | "upstream">;
    /** null: nobody was charged. */
    payment: GatewayContext["payment"];
    sequence: number;
    salt: Hex;
};

/** The context of a gateway's statement. */
export function contextOf({ order, model, outcome, payment, sequence, salt }: Said): GatewayContext {
    return {
        version: 1,
        route: order.route,
        requested: order.requested,
        effective: order.effective,
        policy: uintToHex(order.policy),
        claimClass: model.claimClass,
        upstream: outcome.upstream,
        config: order.config,
        attachments: order.attachments,
        outputParts: outcome.outputParts,
        usage: outcome.usage,
        payment,
        sequence,
        salt,
    };
}

/** What a receipt is put together from. */
type Parts = {
    chainId: number;
    gate: Hex;
    request: GatewayReceipt["request"];
    statement: GatewayReceipt["statement"];
    /** undefined: deleted. */
    contents: { context: GatewayContext; input: Uint8Array; output: Uint8Array } | undefined;
    /** Of the whole receipt; stands in for contents that were deleted. */
    receiptHash: Hex | undefined;
    evidence: readonly Evidence[];
    registry: RegistryFacts;
    attestation: NonNullable<GatewayReceipt["attestation"]>;
    refund: GatewayReceipt["refund"];
    settlement: GatewayReceipt["settlement"];
};

/** The receipt of an inference; a failure has no output. */
export function receiptOf(parts: Parts): GatewayReceipt {
    const { contents, receiptHash, statement, attestation, refund, settlement } = parts;
    const output = contents === undefined || statement.resultCode !== 0 ? undefined : bytesToHex(contents.output);
    return {
        version: RECEIPT_VERSION,
        origin: "gateway",
        chainId: parts.chainId,
        gate: parts.gate,
        request: parts.request,
        statement,
        ...(contents === undefined ? {} : { context: contents.context, input: bytesToHex(contents.input) }),
        ...(output === undefined ? {} : { output }),
        ...(contents === undefined && receiptHash !== undefined ? { erased: { receiptHash } } : {}),
        evidence: evidenceToJson(parts.evidence),
        registry: parts.registry,
        ...(attestation.length === 0 ? {} : { attestation }),
        ...(refund === undefined ? {} : { refund }),
        ...(settlement === undefined ? {} : { settlement }),
    };
}
