import type { Hex } from "@assay/protocol";
import type { Payment, Settling } from "../../core/payment.ts";
import type { Node } from "../chain/node.ts";
import { isMoved, type Token } from "./token.ts";

/** What the chain alone says of payments. */
export type Ledger = {
    /**
     * Whether the money came, whoever sent the authorization. What can still come is unknown; what was used or cancelled
     * without paying here, or is too old for any later block, has failed for good.
     */
    look: (payment: Payment, transaction: Hex | undefined) => Promise<Settling>;
};

/** Reads payments of one token. */
export function createLedger({ node, token }: { node: Node; token: Token }): Ledger {
    const pays = async (payment: Payment, transaction: Hex) => {
        const mined = await node.mined(transaction);
        return mined !== undefined && isMoved(mined.logs, movedBy(payment, token));
    };
    return {
        look: async (payment, transaction) => {
            if (transaction !== undefined && (await pays(payment, transaction))) {
                return { status: "settled", transaction };
            }
            // The block is read first: what is unused after a block of that time can be used no more.
            const { timestamp } = await node.latest();
            const use = await token.useOf(payment.payer, payment.nonce);
            switch (use.status) {
                case "used": {
                    if (await pays(payment, use.transaction))
                        return { status: "settled", transaction: use.transaction };
                    return { status: "failed", reason: "The authorization was used for another transfer." };
                }
                case "cancelled":
                    return { status: "failed", reason: "The payer cancelled the authorization." };
                case "unexplained":
                    return { status: "failed", reason: "The authorization was used long before this request." };
                case "unused":
                    if (timestamp < payment.validBefore) return { status: "unknown", transaction };
                    return { status: "failed", reason: "The authorization was not used in time." };
            }
        },
    };
}

function movedBy({ record, payer, nonce }: Payment, { address }: Token) {
    return { token: address, from: payer, to: record.payTo, value: BigInt(record.amount), nonce };
}
