import { type ChainState, eraseReceipt, type GatewayReceipt } from "@assay/protocol";
import {
    chatReceipt,
    gatewayReceipt,
    refundedReceipt,
    settledReceipt,
    unchargedFailure,
    unpaidReceipt,
} from "./_gatewayReceipts.ts";
import { chainStateFor } from "./_receipts.ts";
import { BLOCK, KEY, OWNER_SAYS, STAKE, type Story } from "./_stories.ts";

const WITHOUT_A_NODE = [...BLOCK, ...KEY, ...STAKE, "registry.model.broken"];
/** More than was paid is never paid back. */
const REFUND = ["refund.transaction", "refund.reason"];
/** Why money went back is told outside of what anybody signed. */
const REASON = ["refund.reason"];

/** Whole receipts of a gateway, and the few leaves that they leave open. */
export function gatewayStories(): Story[] {
    const erased = eraseReceipt(settledReceipt(chatReceipt()));
    return [
        story({ name: "infer, unpaid", receipt: unpaidReceipt() }),
        story({ name: "infer, paid", receipt: gatewayReceipt() }),
        story({ name: "chat, paid, by an upstream", receipt: chatReceipt(), hasKey: false }),
        story({ name: "infer, settled in a batch", receipt: settledReceipt(), claimed: ["settlement.log"] }),
        story({ name: "infer, failed, never charged", receipt: unchargedFailure() }),
        story({
            name: "infer, failed and refunded",
            receipt: refundedReceipt(),
            claimed: REFUND,
            claimedWithChain: REASON,
        }),
        story({
            name: "chat, settled in a batch, erased",
            receipt: erased,
            hasKey: false,
            claimed: ["settlement.log"],
        }),
    ];
}

function story({
    name,
    receipt,
    hasKey = true,
    claimed = [],
    claimedWithChain = [],
}: {
    name: string;
    receipt: GatewayReceipt;
    /** Whether the model version has a verifying key, whose setup is its owner's word. */
    hasKey?: boolean;
    claimed?: string[];
    claimedWithChain?: string[];
}): Story {
    return {
        name: `gateway, ${name}`,
        receipt,
        claimed: [...WITHOUT_A_NODE, ...(hasKey ? OWNER_SAYS : []), ...claimed],
        chain: honestChain(receipt),
        claimedWithChain,
    };
}

/** What an honest node says of a gateway's receipt. */
export function honestChain(receipt: GatewayReceipt): ChainState {
    const { context, refund, settlement, statement } = receipt;
    return {
        ...chainStateFor(receipt),
        ...(context?.payment ? { payment: context.payment } : {}),
        ...(context?.config
            ? { config: { configHash: statement.configHash, inForceFrom: context.config.inForceFrom } }
            : {}),
        ...(refund === undefined ? {} : { refund: { transaction: refund.transaction, amount: refund.amount } }),
        ...(settlement?.kind === "batch"
            ? { batch: { log: settlement.log, root: settlement.root, depth: settlement.proof.length } }
            : {}),
    };
}
