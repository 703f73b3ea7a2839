import { AUTHORIZATION_TYPES, type Hex, ProtocolError, refundNonceOf, toHex } from "@assay/protocol";
import { Signature, Wallet } from "ethers";
import type { Payments } from "../../core/payment.ts";
import type { Node } from "../chain/node.ts";
import type { Relayer } from "../relayer.ts";
import type { PaymentLimits } from "./payments.ts";
import { isMoved, type Token, transferCall } from "./token.ts";

type Deps = {
    node: Node;
    relayer: Relayer;
    token: Token;
    /** Of the account that pays refunds. */
    wallet: Wallet;
    limits: PaymentLimits;
    now: () => number;
    /** Refunds sent and not seen in a block, by nonce. */
    sent: Map<Hex, Hex>;
};

type Owed = Parameters<Payments["refund"]>[0];

/** An authorization of ours is good for this long; a repetition signs another one for the same nonce. */
const VALID_SECONDS = 3_600n;

/**
 * Pays refunds as authorizations of the account they come from, with a nonce made of the key: the token itself takes each
 * key once, so that no crash, repetition or reorganisation can pay twice, and anybody can find the refund by its key.
 * Throws GATEWAY_REFUND_UNFUNDED, GATEWAY_REFUND_PENDING and GATEWAY_RELAYER_REFUSED: try again with the same key.
 */
export function createRefunds({ key, ...parts }: Omit<Deps, "wallet" | "sent"> & { key: Hex }): Payments["refund"] {
    const deps: Deps = { ...parts, wallet: new Wallet(key), sent: new Map() };
    const underWay = new Map<Hex, Promise<{ transaction: Hex }>>();
    return (owed) => {
        const nonce = refundNonceOf(owed.key);
        const begun = underWay.get(nonce) ?? refund(deps, owed, nonce).finally(() => underWay.delete(nonce));
        underWay.set(nonce, begun);
        return begun;
    };
}

async function refund(deps: Deps, owed: Owed, nonce: Hex): Promise<{ transaction: Hex }> {
    const { token, wallet, sent } = deps;
    const from = toHex(wallet.address, 20);
    const use = await token.useOf(from, nonce);
    if (use.status === "used") return { transaction: use.transaction };
    if (use.status !== "unused") {
        const message = `The nonce ${nonce} of the refund ${owed.key} was used up: ${use.status}.`;
        throw new ProtocolError({ code: "GATEWAY_RELAYER_REFUSED", message });
    }
    const begun = sent.get(nonce);
    if (begun !== undefined) return confirm(deps, { owed, nonce, from, transaction: begun });
    const balance = await token.balanceOf(from);
    if (balance < owed.amount) {
        const message = `${from} has ${balance} units; ${owed.amount} are owed to ${owed.to}.`;
        throw new ProtocolError({ code: "GATEWAY_REFUND_UNFUNDED", message });
    }
    const transaction = await send(deps, { owed, nonce, from });
    sent.set(nonce, transaction);
    return confirm(deps, { owed, nonce, from, transaction });
}

async function send(
    { relayer, token, wallet, limits, now }: Deps,
    { owed, nonce, from }: { owed: Owed; nonce: Hex; from: Hex },
): Promise<Hex> {
    const validBefore = BigInt(Math.floor(now() / 1_000)) + VALID_SECONDS;
    const message = { from, to: owed.to, value: owed.amount, validAfter: 0n, validBefore, nonce };
    const signature = Signature.from(await wallet.signTypedData(token.domain, AUTHORIZATION_TYPES, message));
    const data = transferCall([from, owed.to, owed.amount, 0n, validBefore, nonce], signature);
    return relayer.send({ to: token.address, data, gasCap: limits.gasCap });
}

async function confirm(
    { node, relayer, token, limits, sent }: Deps,
    { owed, nonce, from, transaction }: { owed: Owed; nonce: Hex; from: Hex; transaction: Hex },
): Promise<{ transaction: Hex }> {
    const mined = await relayer.mined(transaction, { timeoutMs: limits.confirmationMs });
    if (mined === undefined) {
        // What the node lost is sent again by the next repetition; if both come up, the token takes one.
        if (!(await node.knows(transaction))) sent.delete(nonce);
        throw new ProtocolError({ code: "GATEWAY_REFUND_PENDING", message: `${transaction} is in no block yet.` });
    }
    sent.delete(nonce);
    if (isMoved(mined.logs, { token: token.address, from, to: toHex(owed.to, 20), value: owed.amount, nonce })) {
        return { transaction: mined.hash };
    }
    const message = `The refund ${owed.key} did not go through in ${mined.hash}.`;
    throw new ProtocolError({ code: "GATEWAY_RELAYER_REFUSED", message });
}
