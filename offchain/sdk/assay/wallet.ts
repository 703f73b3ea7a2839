import { AUTHORIZATION_TYPES, bytesToHex, type Hex, ProtocolError, paymentNonceOf, toHex } from "@assay/protocol";
import { type PaymentRequired, paymentHeader } from "./_x402.ts";
import type { Limits, Payer, Setting } from "./options.ts";
import { chooseOffer, type Offer } from "./spendLimits.ts";

const DAY_SECONDS = 86_400;

/** A payment that was signed for one request. */
export type SignedPayment = {
    /** Value of the PAYMENT-SIGNATURE header. */
    header: string;
    payer: Hex;
    nonce: Hex;
    asset: Hex;
    payTo: Hex;
    /** Units of the token. */
    amount: bigint;
    /** Unix seconds. */
    validBefore: number;
};

/** What is to be paid for. */
export type Purchase = { challenge: PaymentRequired; requestHash: Hex; policy: bigint };

/**
 * Signs one payment that is good for one request and nothing else, within the spend limits. What was signed counts for
 * its day whatever a gateway says became of it: a signature that is out can be used until it ends. Throws SDK_NO_PAYER,
 * SDK_QUOTE_REFUSED, SDK_BUDGET_SPENT.
 */
export async function signPayment(
    { payer, spend, now }: Pick<Setting, "payer" | "spend" | "now">,
    { challenge, requestHash, policy }: Purchase,
): Promise<SignedPayment> {
    if (payer === undefined || spend === undefined) throw new ProtocolError({ code: "SDK_NO_PAYER" });
    const offer = chooseOffer({ accepts: challenge.accepts, limits: spend, policy });
    const salt = bytesToHex(crypto.getRandomValues(new Uint8Array(32)));
    const nonce = paymentNonceOf({ requestHash, salt });
    const at = now();
    await reserve({ spend, offer, nonce, at });
    try {
        const request = { requestHash, salt };
        return await signed({ payer, spend, offer, nonce, at, challenge, request });
    } catch (fault) {
        await spend.budget.release(nonce);
        throw fault;
    }
}

async function reserve({ spend, offer, nonce, at }: { spend: Limits; offer: Offer; nonce: Hex; at: number }) {
    const bounds = { limit: spend.maxPerDay, since: at - DAY_SECONDS };
    if (await spend.budget.reserve({ key: nonce, amount: offer.amount, at }, bounds)) return;
    const message = `${offer.amount} more would be above the ${spend.maxPerDay} of 24 hours.`;
    throw new ProtocolError({ code: "SDK_BUDGET_SPENT", message });
}

type Signing = {
    payer: Payer;
    spend: Limits;
    offer: Offer;
    nonce: Hex;
    at: number;
    challenge: PaymentRequired;
    request: { requestHash: Hex; salt: Hex };
};

async function signed({ payer, spend, offer, nonce, at, challenge, request }: Signing): Promise<SignedPayment> {
    const { accepted, amount, payTo, domain, timeoutSeconds } = offer;
    const from = toHex(payer.address, 20);
    const validBefore = at + timeoutSeconds;
    const window = { validAfter: "0", validBefore: String(validBefore) };
    const authorization = { from, to: payTo, value: String(amount), ...window, nonce };
    // Checked before there is a signature: a challenge that speaks of another request gets none.
    const header = (signature: string) =>
        paymentHeader({ challenge, accepted, payload: { signature, authorization }, request });
    if ((await header("0x")) === undefined) {
        throw new ProtocolError({ code: "SDK_QUOTE_REFUSED", message: "The challenge is for another request." });
    }
    const signature = await payer.signTypedData(
        { ...domain, chainId: BigInt(spend.network.slice("eip155:".length)), verifyingContract: spend.asset },
        AUTHORIZATION_TYPES,
        authorization,
    );
    const value = await header(signature);
    if (value === undefined) throw new ProtocolError({ code: "SDK_QUOTE_REFUSED" });
    return { header: value, payer: from, nonce, asset: spend.asset, payTo, amount, validBefore };
}
