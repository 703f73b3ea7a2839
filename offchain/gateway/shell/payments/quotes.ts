import { type Hex, presetOf, uintToHex } from "@assay/protocol";
import { encodePaymentRequiredHeader } from "@x402/core/http";
import { PAYMENT_REQUIRED_CACHE_CONTROL, type x402ResourceServer } from "@x402/core/server";
import type { PaymentRequired, PaymentRequirements } from "@x402/core/types";
import { declarePaymentIdentifierExtension, PAYMENT_IDENTIFIER } from "@x402/extensions/payment-identifier";
import { getAddress } from "ethers";
import type { Challenge, Offer, Wanted } from "../../core/payment.ts";
import { REQUEST_BINDING } from "../../core/paymentHeader.ts";
import type { TokenDomain } from "./token.ts";

/** What is asked for, in the forms that are needed of it. */
export type Quote = {
    /** One per offer, in the same order. */
    requirements: readonly PaymentRequirements[];
    required: PaymentRequired;
    challenge: Challenge;
};

/** Quotes: the same question always gets the same answer, to the byte, or no payment would fit its own quote. */
export type Quotes = { of: (wanted: Wanted) => Promise<Quote>; withError: (quote: Quote, error: string) => Challenge };

/** To whom, in what, and for how long an authorization is to be good. */
export type Terms = { domain: TokenDomain; payTo: Hex; maxTimeoutSeconds: number };

/** Quotes that are kept: some kilobytes each. */
const KEPT_QUOTES = 1_000;

const EXTENSIONS = {
    [PAYMENT_IDENTIFIER]: declarePaymentIdentifierExtension(),
    [REQUEST_BINDING]: {
        info: {},
        schema: {
            type: "object",
            properties: { requestHash: { type: "string" }, salt: { type: "string" } },
        },
    },
};

/** Makes quotes by the official resource server. */
export function createQuotes({ server, terms }: { server: x402ResourceServer; terms: Terms }): Quotes {
    // In the order of making; what falls out is made again when somebody asks.
    const kept = new Map<string, Promise<Quote>>();
    return {
        of: (wanted) => {
            const key = keyOf(wanted);
            const known = kept.get(key);
            if (known !== undefined) return known;
            const quote = makeQuote(server, terms, wanted);
            kept.set(key, quote);
            quote.catch(() => kept.delete(key));
            const [oldest] = kept.keys();
            if (kept.size > KEPT_QUOTES && oldest !== undefined) kept.delete(oldest);
            return quote;
        },
        withError: ({ required }, error) => challengeOf({ ...required, error }),
    };
}

/** What a policy is called on the wire. */
export function policyText(policy: bigint): string {
    return presetOf(policy) ?? uintToHex(policy);
}

function keyOf({ url, description, offers }: Wanted): string {
    const parts = offers.map(({ policy, amount, flow }) => `${policy} ${amount} ${flow}`);
    return JSON.stringify([url, description, ...parts]);
}

async function makeQuote(
    server: x402ResourceServer,
    terms: Terms,
    { url, description, offers }: Wanted,
): Promise<Quote> {
    const lists = await Promise.all(offers.map((offer) => server.buildPaymentRequirements(optionOf(terms, offer))));
    const requirements = lists.flat();
    const resource = { url, description, mimeType: "application/json", serviceName: "assay" };
    const required = await server.createPaymentRequiredResponse(requirements, resource, undefined, EXTENSIONS);
    return { requirements, required, challenge: challengeOf(required) };
}

function optionOf({ domain, payTo, maxTimeoutSeconds }: Terms, { policy, amount, flow }: Offer) {
    const { name, version, chainId, verifyingContract } = domain;
    const network = `eip155:${chainId}` as const;
    return {
        ...{ scheme: "exact", network, payTo: getAddress(payTo), maxTimeoutSeconds },
        price: { asset: getAddress(verifyingContract), amount: amount.toString(), extra: { name, version } },
        // The flow "authorization" is what x402 takes when nothing is said, and is never on the wire.
        extra: { policy: policyText(policy), ...(flow === "upfront" ? { paymentFlow: flow } : {}) },
    };
}

function challengeOf(required: PaymentRequired): Challenge {
    const header = encodePaymentRequiredHeader(required);
    return { headers: { "PAYMENT-REQUIRED": header, "Cache-Control": PAYMENT_REQUIRED_CACHE_CONTROL }, x402: required };
}
