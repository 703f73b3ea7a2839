import type { Case } from "./_case.ts";
import { leafOf, rootOf } from "./batch.ts";
import { receiptHash } from "./hash.ts";
import type { Receipt } from "./schema.ts";
import { type Report, refuse } from "./verdict.ts";

/** The settlement is of this receipt. */
export function checkSettlement({ receipt, digest, chain }: Case, present: number): Report {
    const { settlement, statement } = receipt;
    if (settlement === undefined) return {};
    if (settlement.kind === "delivery") return checkDelivery({ receipt, settlement, present, chain });
    if (receipt.origin !== "gateway") {
        return refuse("RECEIPT_SETTLEMENT_MISMATCH", "Only receipts of a gateway are settled in batches.");
    }
    const leaf = leafOf({ ...settlement, executor: statement.executor, digest, receiptHash: receiptHash(receipt) });
    const root = rootOf({ leaf, proof: settlement.proof });
    if (root !== settlement.root) return refuse("RECEIPT_SETTLEMENT_MISMATCH", `The leaf leads to root ${root}.`);
    const proven: Report["proven"] = [
        { subject: "settlement", by: "hash", text: "The batch root holds this receipt." },
    ];
    if (chain?.batch === undefined) {
        const text = "That the log holds this root is the receipt's word.";
        return { proven, claimed: ["log", "root"].map((member) => ({ subject: `settlement.${member}`, text })) };
    }
    const wrong = batchFault({ settlement, batch: chain.batch });
    if (wrong !== undefined) return refuse("RECEIPT_SETTLEMENT_MISMATCH", wrong);
    return { proven: [...proven, { subject: "settlement", by: "chain", text: "The log holds this root." }] };
}

/** The log has exactly one batch for each of an executor's sequences. */
function batchFault({
    settlement,
    batch,
}: {
    settlement: BatchSettlement;
    batch: NonNullable<Case["chain"]>["batch"];
}): string | undefined {
    if (!batch) return `The log holds no batch with sequence ${settlement.sequence}.`;
    if (batch.log !== settlement.log) return `The deployment's log is ${batch.log}.`;
    if (batch.root !== settlement.root) return `The log holds ${batch.root}.`;
    if (settlement.proof.length > batch.depth)
        return `A way of ${settlement.proof.length} in a tree of ${batch.depth}.`;
    return undefined;
}

type Settlement = NonNullable<Receipt["settlement"]>;
type BatchSettlement = Extract<Settlement, { kind: "batch" }>;

function checkDelivery({
    receipt,
    settlement,
    present,
    chain,
}: {
    receipt: Receipt;
    settlement: Extract<Settlement, { kind: "delivery" }>;
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
