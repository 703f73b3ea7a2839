import type { Case } from "./_case.ts";
import type { GatewayReceipt } from "./schema.ts";
import { merge, type Report, refuse } from "./verdict.ts";

/** A payment was made if the chain says so, and so was a refund; a refund never exceeds what was paid. */
export function checkPayment({ receipt, chain }: Case): Report {
    if (receipt.origin !== "gateway") return {};
    return merge([charged(receipt, chain?.payment), refunded(receipt, chain?.refund)]);
}

type Chain = NonNullable<Case["chain"]>;

function charged({ context }: GatewayReceipt, read: Chain["payment"]): Report {
    const payment = context?.payment;
    if (!payment) return {};
    const subject = "context.payment";
    if (read === undefined) {
        return { claimed: [{ subject, text: "That this payment was made is the gateway's word." }] };
    }
    if (read === null) {
        const reason = `Transaction ${payment.transaction} moved nothing by nonce ${payment.nonce}.`;
        return refuse("RECEIPT_PAYMENT_NOT_MADE", reason);
    }
    const members = ["network", "asset", "payTo", "amount", "payer", "nonce", "transaction"] as const;
    const differs = members.find((member) => read[member] !== payment[member]);
    if (differs !== undefined) return refuse("RECEIPT_PAYMENT_NOT_MADE", `The chain has another ${differs}.`);
    return { proven: [{ subject, by: "chain", text: "The token moved exactly this, by this nonce." }] };
}

function refunded({ context, refund, statement }: GatewayReceipt, read: Chain["refund"]): Report {
    const payment = context?.payment;
    if (refund === undefined) {
        if (!payment || statement.resultCode === 0) return {};
        const text = `${payment.amount} units were paid for a failure, and the receipt knows of no refund.`;
        return { warnings: [{ code: "RECEIPT_NOT_REFUNDED", text }] };
    }
    // Without a context there is no payment to hold it against: all of it stays the gateway's word.
    if (context !== undefined && (!payment || BigInt(refund.amount) > BigInt(payment.amount))) {
        return refuse("RECEIPT_REFUND_WRONG", `${refund.amount} units of ${payment?.amount ?? "0"} that were paid.`);
    }
    const share = payment ? `${refund.amount} of ${payment.amount} units were` : `${refund.amount} units were`;
    const warnings: Report["warnings"] = [{ code: "RECEIPT_REFUNDED", text: `${share} paid back: ${refund.reason}` }];
    if (read === undefined) {
        return { warnings, claimed: [{ subject: "refund", text: "That this was paid back is the gateway's word." }] };
    }
    if (read === null || read.transaction !== refund.transaction || read.amount !== refund.amount) {
        return refuse("RECEIPT_REFUND_NOT_MADE", `Transaction ${refund.transaction} did not pay this back.`);
    }
    const why = { subject: "refund.reason", text: "Why it was paid back is the gateway's word." };
    return {
        warnings,
        proven: [{ subject: "refund", by: "chain", text: "The token moved this back." }],
        claimed: [why],
    };
}
