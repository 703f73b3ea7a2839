import { eraseReceipt, type GatewayReceipt } from "@assay/protocol";
import {
    chatReceipt,
    gatewayReceipt,
    refundedReceipt,
    settledReceipt,
    unchargedFailure,
    unpaidReceipt,
} from "../../test/offchain/protocol/_gatewayReceipts.ts";
import { receiptVector } from "./receipt.ts";

/** Receipts of a gateway with every hash that another language must come to, and what a verifier must say of them. */
export function gatewayReceiptVectors() {
    const receipts: Record<string, GatewayReceipt> = {
        "infer, unpaid": unpaidReceipt(),
        "infer, paid": gatewayReceipt(),
        "infer, attested": gatewayReceipt({ families: ["SIGNED", "TEE"] }),
        "chat, paid, answered by an upstream, under a configuration": chatReceipt(),
        "infer, failed, never charged": unchargedFailure(),
        "infer, failed, paid upfront and refunded": refundedReceipt(),
        "infer, paid, settled in a batch": settledReceipt(),
        "chat, settled in a batch, erased": eraseReceipt(settledReceipt(chatReceipt())),
    };
    return Object.entries(receipts).map(([name, receipt]) => {
        const { request, statement, settlement } = receipt;
        return {
            ...receiptVector({ name, receipt }),
            requestId: statement.requestId,
            requestHash: request.requestHash,
            contextHash: statement.contextHash,
            root: settlement?.kind === "batch" ? settlement.root : null,
        };
    });
}
