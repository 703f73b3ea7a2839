import { openReceipt, type Receipt, receiptHash, verifyReceipt } from "@assay/protocol";
import { boundModel, committedModel, packedModel } from "../../test/offchain/protocol/_model.ts";
import { failureReceipt, hubReceipt, pullReceipt } from "../../test/offchain/protocol/_receipts.ts";

function openedReceipt(): Receipt {
    const model = committedModel({ input: true, output: true });
    return openReceipt({ receipt: hubReceipt({ model }), opening: model.opening });
}

/** Whole receipts of hub and pull requests with their hashes and what a verifier must say of them. */
export function receiptVectors() {
    const receipts: Record<string, Receipt> = {
        "hub, signed and proven": hubReceipt(),
        "hub, bound model, development setup": hubReceipt({ model: boundModel({ setupKind: "dev" }) }),
        "hub, committed sides": hubReceipt({ model: committedModel({ input: true, output: true }) }),
        "hub, committed sides, opened": openedReceipt(),
        "hub, failure": failureReceipt(),
        pull: pullReceipt({ model: packedModel() }),
    };
    return Object.entries(receipts).map(([name, receipt]) => receiptVector({ name, receipt }));
}

/** A receipt with its hashes, and what a verifier without a chain must say of it. */
export function receiptVector({ name, receipt }: { name: string; receipt: Receipt }) {
    const { accepted, code, digest, present, policyMet, claimed, warnings } = verifyReceipt({ receipt });
    return {
        name,
        receipt,
        receiptHash: receiptHash(receipt),
        digest,
        verdict: {
            accepted,
            code,
            present,
            policyMet,
            claimed: claimed.map(({ subject }) => subject),
            warnings: warnings.map(({ code }) => code),
        },
    };
}
