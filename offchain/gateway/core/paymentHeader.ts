import { type Hex, isHex, paymentNonceOf, toHex } from "@assay/protocol";
import { decodePaymentSignatureHeader } from "@x402/core/http";
import { parsePaymentPayload } from "@x402/core/schemas";
import type { PaymentPayload, PaymentRequirements } from "@x402/core/types";
import { isValidPaymentId, PAYMENT_IDENTIFIER } from "@x402/extensions/payment-identifier";
import * as z from "zod";
import { issuesText } from "./issues.ts";
import { PaymentRefused, REASONS } from "./paymentRefused.ts";

/** The extension by which a payment says that its nonce is bound to one request. */
export const REQUEST_BINDING = "assay-request";
/** Longer headers than this are not looked at; official clients echo about 3 kB. */
const MOST_HEADER_BYTES = 12_288;

const extensionInfo = z.looseObject({ info: z.record(z.string(), z.unknown()) });
const caip2 = z.templateLiteral(["eip155:", z.string().regex(/^(?:0|[1-9][0-9]{0,15})$/)]);
const requirements = z.object({
    scheme: z.string(),
    network: caip2,
    asset: z.string(),
    amount: z.string(),
    payTo: z.string(),
    maxTimeoutSeconds: z.number().positive(),
    extra: z.record(z.string(), z.unknown()).nullish(),
});
const hash = z.custom<Hex>((value) => isHex(value, 32), "not 32 bytes");
const binding = z.strictObject({ requestHash: hash, salt: hash });

/** Decodes a PAYMENT-SIGNATURE header: x402 version 2, base64 of JSON. Throws PaymentRefused. */
export function decodePayment(header: string): PaymentPayload {
    if (header.length > MOST_HEADER_BYTES) {
        throw new PaymentRefused({ reason: REASONS.malformed, detail: `Longer than ${MOST_HEADER_BYTES} bytes.` });
    }
    return parsePayment(decodeHeader(header));
}

/** Parses the JSON of a payment; throws PaymentRefused. */
export function parsePayment(json: unknown): PaymentPayload {
    const parsed = parsePaymentPayload(json);
    if (!parsed.success) throw new PaymentRefused({ reason: REASONS.malformed, detail: "It is no x402 payment." });
    const { data } = parsed;
    if (data.x402Version !== 2) throw new PaymentRefused({ reason: REASONS.version, detail: "Wanted version 2." });
    const { resource, accepted, payload, extensions } = data;
    return {
        x402Version: 2,
        accepted: parseRequirements(accepted),
        payload,
        ...(resource === undefined ? {} : { resource: { url: resource.url } }),
        ...(extensions === undefined || extensions === null ? {} : { extensions }),
    };
}

/** Parses the JSON of what a payment is to meet; throws PaymentRefused. */
export function parseRequirements(json: unknown): PaymentRequirements {
    const parsed = requirements.safeParse(json);
    if (parsed.success) return { ...parsed.data, extra: parsed.data.extra ?? {} };
    throw new PaymentRefused({ reason: REASONS.noMatch, detail: issuesText(parsed.error).slice(0, 200) });
}

/**
 * Holds what binds a payment to resource and request against both, where it says so itself; the salt of its nonce then.
 * Throws PaymentRefused.
 */
export function checkBinding(
    { resource, extensions }: Pick<PaymentPayload, "resource" | "extensions">,
    { url, requestHash, nonce }: { url: string; requestHash: Hex; nonce: Hex },
): Hex | undefined {
    if (resource !== undefined && resource.url !== url) {
        throw new PaymentRefused({
            reason: REASONS.resource,
            detail: `It was made for ${resource.url.slice(0, 200)}.`,
        });
    }
    const info = infoOf(extensions, REQUEST_BINDING);
    // Clients that do not know the extension echo it as it was declared, without members.
    if (info === undefined || Object.keys(info).length === 0) return undefined;
    const bound = binding.safeParse(info);
    const isFor = bound.success && bound.data.requestHash.toLowerCase() === requestHash.toLowerCase();
    if (!isFor || paymentNonceOf(bound.data) !== nonce) throw new PaymentRefused({ reason: REASONS.binding });
    return toHex(bound.data.salt, 32);
}

/** The id that the buyer gave the payment, so that a repetition is known as one. Throws PaymentRefused. */
export function identifierOf({ extensions }: Pick<PaymentPayload, "extensions">): string | undefined {
    const id = infoOf(extensions, PAYMENT_IDENTIFIER)?.id;
    if (id === undefined) return undefined;
    if (typeof id === "string" && isValidPaymentId(id)) return id;
    throw new PaymentRefused({ reason: REASONS.identifier });
}

function decodeHeader(header: string): unknown {
    try {
        return decodePaymentSignatureHeader(header);
    } catch (cause) {
        throw new PaymentRefused({ reason: REASONS.malformed, detail: "It is not base64 of JSON.", cause });
    }
}

function infoOf(extensions: PaymentPayload["extensions"], name: string): Record<string, unknown> | undefined {
    const value = extensions !== undefined && Object.hasOwn(extensions, name) ? extensions[name] : undefined;
    if (value === undefined) return undefined;
    const parsed = extensionInfo.safeParse(value);
    if (!parsed.success) throw new PaymentRefused({ reason: REASONS.extension, detail: `${name} has no info.` });
    return parsed.data.info;
}
