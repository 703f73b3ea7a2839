import type { Hex } from "@assay/protocol";
import type { Payment, Settling } from "../../core/payment.ts";
import type { Node } from "../chain/node.ts";
import { isMoved, type NonceUse, type Token } from "./token.ts";

/** What the chain alone says of payments. */
export type Ledger = {
    /**
     * Whether the money came, whoever sent the authorization. What can still come is unknown; what was used or cancelled
     * without paying here, or is too old for any later block, has failed for good.
     */
    look: (payment: Payment, transaction: Hex | undefined) => Promise<Settling>;
};

type Deps = { node: Node; token: Token };

/** Reads payments of one token. */
export function createLedger(deps: Deps): Ledger {
    return {
        look: async (payment, transaction) => {
            if (transaction !== undefined && (await paidIn(deps, payment, transaction)) === "paid") {
                return { status: "settled", transaction };
            }
            // The block is read first: what is unused after a block of that time can be used no more.
            const { timestamp } = await deps.node.latest();
            const use = await deps.token.useOf(payment.payer, payment.nonce);
            const isOver = timestamp >= payment.validBefore;
            return (await settlingOf(deps, { payment, use, isOver })) ?? { status: "unknown", transaction };
        },
    };
}

/** undefined: it is open. Nodes behind one address are not always at the same block, so a gap is no answer. */
async function settlingOf(
    deps: Deps,
    { payment, use, isOver }: { payment: Payment; use: NonceUse; isOver: boolean },
): Promise<Settling | undefined> {
    switch (use.status) {
        case "used": {
            const { transaction } = use;
            const paid = await paidIn(deps, payment, transaction);
            if (paid === "paid") return { status: "settled", transaction };
            if (paid === "unseen") return undefined;
            return { status: "failed", reason: "The authorization was used for another transfer." };
        }
        case "cancelled":
            return { status: "failed", reason: "The payer cancelled the authorization." };
        case "unexplained":
            return isOver ? { status: "failed", reason: "The authorization was used long ago." } : undefined;
        case "unused":
            return isOver ? { status: "failed", reason: "The authorization was not used in time." } : undefined;
    }
}

async function paidIn(
    { node, token }: Deps,
    { record, payer, nonce }: Payment,
    transaction: Hex,
): Promise<"paid" | "other" | "unseen"> {
    const mined = await node.mined(transaction);
    if (mined === undefined) return "unseen";
    const value = BigInt(record.amount);
    return isMoved(mined.logs, { token: token.address, from: payer, to: record.payTo, value, nonce })
        ? "paid"
        : "other";
}
