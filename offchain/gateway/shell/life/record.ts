import { bytesToHex, type GatewayReceipt, type Hex, uintToHex } from "@assay/protocol";
import { receiptOf } from "../../core/receiptOf.ts";
import type { EvidenceItem } from "../journal/evidence.ts";
import type { Facts, Inference, Signed } from "../journal/inference.ts";
import type { LifeDeps } from "./deps.ts";

/** Receipts say no more of why money went back. */
const MOST_REASON = 1_000;

/** The preimage of an inference's requestId. */
export function requestOf({ payer, nonce, wanted }: Inference): GatewayReceipt["request"] {
    const { requestHash, policy } = wanted;
    return { payer, paymentNonce: nonce, requestHash, policy: uintToHex(policy) };
}

/** The receipt of a signed inference, with the evidence that there is. */
export function recordOf(
    { deployment }: Pick<LifeDeps, "deployment">,
    {
        one,
        signed,
        facts,
        items,
        receiptHash,
        settlement,
    }: {
        one: Inference;
        signed: Signed;
        facts: Facts;
        items: readonly EvidenceItem[];
        receiptHash: Hex | undefined;
        settlement: GatewayReceipt["settlement"];
    },
): GatewayReceipt {
    const { context, statement } = signed;
    const { contents, answered } = one;
    const output = answered?.output ?? null;
    const isWhole = contents !== null && context !== null && output !== null;
    return receiptOf({
        chainId: deployment.chainId,
        gate: deployment.contracts.EvidenceGate,
        request: requestOf(one),
        statement,
        contents: isWhole ? { context, input: contents.input, output } : undefined,
        receiptHash,
        evidence: items.map(({ family, data }) => ({ family, data: bytesToHex(data) })),
        ...facts,
        refund: refundOf(one),
        settlement,
    });
}

/** Money that went back, as receipts say it. */
function refundOf({ refundTransaction, wanted, state }: Inference): GatewayReceipt["refund"] {
    if (refundTransaction === undefined || wanted.amount === undefined) return undefined;
    // Of whatever went wrong: it may say nothing, or be cut within a pair of surrogates, which no receipt may hold.
    const reason = state.reason?.text.slice(0, MOST_REASON).toWellFormed() || "What was paid for could not be had.";
    return { transaction: refundTransaction, amount: String(wanted.amount), reason };
}
