import type { Case } from "./_case.ts";
import { leafOf, rootOf } from "./batch.ts";
import { receiptHash } from "./hash.ts";
import type { Receipt } from "./schema.ts";
import { type Report, refuse } from "./verdict.ts";

/** The payment in the context is the one that the request names. */
export function checkPayment({ receipt }: Case): Report {
    if (receipt.origin !== "gateway" || !receipt.context?.payment) return {};
    const { payer, nonce } = receipt.context.payment;
    if (payer !== receipt.request.payer) return refuse("RECEIPT_PAYMENT_MISMATCH", `Paid by ${payer}.`);
    if (nonce !== receipt.request.paymentNonce) return refuse("RECEIPT_PAYMENT_MISMATCH", `Payment nonce ${nonce}.`);
    return { claimed: [{ subject: "context.payment", text: "That this payment was made is the gateway's word." }] };
}

/** The settlement is of this receipt. */
export function checkSettlement({ receipt, digest, chain }: Case, present: number): Report {
    const { settlement, statement } = receipt;
    if (settlement === undefined) return {};
    if (settlement.kind === "delivery") return checkDelivery({ receipt, settlement, present, chain });
    const leaf = leafOf({ ...settlement, executor: statement.executor, digest, receiptHash: receiptHash(receipt) });
    const root = rootOf({ leaf, proof: settlement.proof });
    if (root !== settlement.root) return refuse("RECEIPT_SETTLEMENT_MISMATCH", `The leaf leads to root ${root}.`);
    const proven: Report["proven"] = [
        { subject: "settlement", by: "hash", text: "The batch root holds this receipt." },
    ];
    if (chain?.batchRoot === undefined) {
        const text = "That the log holds this root is the receipt's word.";
        return { proven, claimed: ["log", "root"].map((member) => ({ subject: `settlement.${member}`, text })) };
    }
    return chain.batchRoot === root
        ? { proven }
        : refuse("RECEIPT_SETTLEMENT_MISMATCH", `The log holds ${chain.batchRoot}.`);
}

function checkDelivery({
    receipt,
    settlement,
    present,
    chain,
}: {
    receipt: Receipt;
    settlement: Extract<NonNullable<Receipt["settlement"]>, { kind: "delivery" }>;
    present: number;
    chain: Case["chain"];
}): Report {
    if (receipt.origin !== "hub") return refuse("RECEIPT_SETTLEMENT_MISMATCH", "Only a hub records deliveries.");
    if (settlement.presentMask !== present) {
        return refuse("RECEIPT_SETTLEMENT_MISMATCH", `Mask ${settlement.presentMask}, the evidence gives ${present}.`);
    }
    if (chain?.delivery !== undefined) return {};
    return { claimed: [{ subject: "settlement", text: "That the hub recorded this answer is the receipt's word." }] };
}
