import { type Hex, ProtocolError, toHex } from "@assay/protocol";
import type { x402ResourceServer } from "@x402/core/server";
import type { PaymentPayload, PaymentRequirements } from "@x402/core/types";
import {
    authorizationPayload,
    checkAuthorization,
    checkWindow,
    readAuthorization,
    type SignedAuthorization,
} from "../../core/authorization.ts";
import type { Offer, Payment, Payments, Wanted } from "../../core/payment.ts";
import { checkBinding, decodePayment, identifierOf } from "../../core/paymentHeader.ts";
import { PaymentRefused, REASONS } from "../../core/paymentRefused.ts";
import type { Quotes } from "./quotes.ts";
import { requireSigned, type Signatures } from "./signature.ts";
import type { Token } from "./token.ts";

/** Reads PAYMENT-SIGNATURE headers. */
export type Reader = {
    /** Throws PaymentRefused (GATEWAY_PAYMENT_INVALID), and GATEWAY_BUSY while too many payments wait to be settled. */
    read: Payments["read"];
};

/**
 * Makes a reader. What is offered is quoted anew for this request, so that a payment fits only what its own body costs;
 * nothing that the payment says of price, payee or policy is believed.
 */
export function createReader({
    signatures,
    server,
    quotes,
    token,
    now,
    isBusy,
}: {
    signatures: Signatures;
    server: x402ResourceServer;
    quotes: Quotes;
    token: Token;
    now: () => number;
    isBusy: () => boolean;
}): Reader {
    return {
        read: async (header, wanted, { requestHash, isRepetition = false }) => {
            if (isBusy()) throw new ProtocolError({ code: "GATEWAY_BUSY", message: "Too many payments wait." });
            const payload = decodePayment(header);
            const { requirements, required } = await quotes.of(wanted);
            const { offer, asked } = matching(server, { payload, wanted, requirements });
            if (!server.validateExtensions(required, payload).valid) {
                throw new PaymentRefused({ reason: REASONS.extension, detail: "An extension was changed." });
            }
            const signed = readAuthorization(payload.payload);
            const { payTo, maxTimeoutSeconds } = asked;
            const { authorization } = signed;
            checkAuthorization(authorization, { payTo, amount: offer.amount });
            const nowSeconds = BigInt(Math.floor(now() / 1_000));
            if (!isRepetition) checkWindow(authorization, { maxTimeoutSeconds, nowSeconds });
            const { nonce } = authorization;
            const salt = checkBinding(payload, { url: wanted.url, requestHash, nonce: toHex(nonce, 32) });
            const identifier = identifierOf(payload);
            await requireSigned({ signatures, token }, signed);
            return paymentOf({ offer, asked, signed, payload, identifier, salt, asset: token.address });
        },
    };
}

function matching(
    server: x402ResourceServer,
    {
        payload,
        wanted,
        requirements,
    }: { payload: PaymentPayload; wanted: Wanted; requirements: readonly PaymentRequirements[] },
): { offer: Offer; asked: PaymentRequirements } {
    const asked = server.findMatchingRequirements([...requirements], payload);
    const offer = asked === undefined ? undefined : wanted.offers[requirements.indexOf(asked)];
    if (asked !== undefined && offer !== undefined) return { offer, asked };
    const detail = "It is not what this request costs: sign what is asked for in PAYMENT-REQUIRED.";
    throw new PaymentRefused({ reason: REASONS.noMatch, detail });
}

function paymentOf({
    offer,
    asked,
    signed,
    payload,
    identifier,
    salt,
    asset,
}: {
    offer: Offer;
    asked: PaymentRequirements;
    signed: SignedAuthorization;
    payload: PaymentPayload;
    identifier: string | undefined;
    salt: Hex | undefined;
    asset: Hex;
}): Payment {
    const { from, to, validBefore, nonce } = signed.authorization;
    const { resource } = payload;
    const payer = toHex(from, 20);
    return {
        ...{ offer, payer, nonce: toHex(nonce, 32), validBefore, requirements: asked, identifier, salt },
        // Exactly what was read: members beside it could choose other ways of paying.
        payload: {
            x402Version: 2,
            accepted: asked,
            payload: authorizationPayload(signed),
            ...(resource === undefined ? {} : { resource }),
        },
        record: {
            ...{ scheme: "exact", flow: offer.flow, network: asked.network, amount: asked.amount },
            ...{ asset, payTo: toHex(to, 20), payer, nonce: toHex(nonce, 32) },
        },
    };
}
