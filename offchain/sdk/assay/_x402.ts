/** The border to the x402 packages: headers in and out, and echoing what a challenge declares. */
import { x402Client } from "@x402/core/client";
import {
    decodePaymentRequiredHeader,
    decodePaymentResponseHeader,
    encodePaymentSignatureHeader,
} from "@x402/core/http";
import { parsePaymentRequired } from "@x402/core/schemas";
import type { PaymentRequired, PaymentRequirements } from "@x402/core/types";
import { z } from "zod";

export type { PaymentRequired, PaymentRequirements } from "@x402/core/types";

/** x402 version that is spoken here. */
const VERSION = 2;
/** Extension by which a payment says which request its nonce is bound to. */
const REQUEST_EXTENSION = "assay-request";

const requestInfo = z.object({ info: z.object({ requestHash: z.string(), salt: z.string() }) });

/** Reads the challenge of a 402; undefined when it has none that can be read. */
export function readChallenge(headers: Headers): PaymentRequired | undefined {
    try {
        const decoded = decodePaymentRequiredHeader(headers.get("PAYMENT-REQUIRED") ?? "");
        const parsed = parsePaymentRequired(decoded);
        // the schema gives what it takes as unknown members back; the challenge is echoed as it came
        return parsed.success && decoded.x402Version === VERSION ? decoded : undefined;
    } catch {
        return undefined;
    }
}

/** Why a gateway did not take a payment, as far as it says. */
export function refusalIn(headers: Headers): string | undefined {
    const response = headers.get("PAYMENT-RESPONSE");
    try {
        if (response !== null) return decodePaymentResponseHeader(response).errorReason;
    } catch {
        return undefined;
    }
    return readChallenge(headers)?.error;
}

/**
 * Value of the PAYMENT-SIGNATURE header for one offer of a challenge; undefined when the challenge declares another
 * request than the payment is for.
 */
export async function paymentHeader({
    challenge,
    accepted,
    payload,
    request,
}: {
    challenge: PaymentRequired;
    accepted: PaymentRequirements;
    payload: Record<string, unknown>;
    request: { requestHash: string; salt: string };
}): Promise<string | undefined> {
    const extensions = { [REQUEST_EXTENSION]: { info: request } };
    const client = new x402Client().setSpendControls(false).register(accepted.network, {
        scheme: accepted.scheme,
        createPaymentPayload: async () => ({ x402Version: VERSION, payload, extensions }),
    });
    // the packages' client chooses by its own rules: it is given what was chosen
    const created = await client.createPaymentPayload({ ...challenge, accepts: [accepted] });
    const sent = requestInfo.safeParse(created.extensions?.[REQUEST_EXTENSION]);
    const isOurs = sent.data?.info.requestHash === request.requestHash && sent.data.info.salt === request.salt;
    return isOurs ? encodePaymentSignatureHeader(created) : undefined;
}
