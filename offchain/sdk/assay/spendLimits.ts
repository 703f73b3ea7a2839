import { type Hex, implies, isHex, isProtocolError, ProtocolError, policyFromText } from "@assay/protocol";
import { z } from "zod";
import type { PaymentRequirements } from "./_x402.ts";
import type { Limits } from "./options.ts";

/** Flows that a payment by EIP-3009 has. */
const FLOWS: readonly unknown[] = [undefined, null, "authorization", "upfront"];
const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/);

const offerSchema = z.object({
    scheme: z.string(),
    network: z.string(),
    amount: z.string().regex(/^(?:0|[1-9][0-9]{0,77})$/, "no amount"),
    asset: address.transform((text) => text.toLowerCase()),
    payTo: address.transform((text) => text.toLowerCase()),
    maxTimeoutSeconds: z.int().positive(),
    extra: z.object({
        /** Of the token's EIP-712 domain. */
        name: z.string(),
        version: z.string(),
        policy: z.string().optional(),
        paymentFlow: z.unknown().optional(),
        assetTransferMethod: z.unknown().optional(),
    }),
});

/** An offer that may be signed. */
export type Offer = {
    /** As it came: it is echoed letter by letter. */
    accepted: PaymentRequirements;
    amount: bigint;
    payTo: Hex;
    domain: { name: string; version: string };
    timeoutSeconds: number;
};

/**
 * The cheapest offer of a challenge that keeps all limits and gives at least the policy; throws SDK_QUOTE_REFUSED with
 * what is wrong with each of them.
 */
export function chooseOffer({
    accepts,
    limits,
    policy,
}: {
    accepts: readonly PaymentRequirements[];
    limits: Limits;
    policy: bigint;
}): Offer {
    const read = accepts.slice(0, MOST_OFFERS).map((accepted) => readOffer({ accepted, limits, policy }));
    const kept = read.filter((offer) => typeof offer !== "string").sort(byAmount);
    const [cheapest] = kept;
    if (cheapest !== undefined) return cheapest;
    const reasons = read.filter((offer) => typeof offer === "string");
    throw new ProtocolError({ code: "SDK_QUOTE_REFUSED", message: reasons.join(" ") || "There is no offer." });
}

/** A menu has an offer per policy; what comes after is not worth reading. */
const MOST_OFFERS = 32;

type Asked = { accepted: PaymentRequirements; limits: Limits; policy: bigint };

/** An offer, or what is wrong with it. */
function readOffer({ accepted, limits, policy }: Asked): Offer | string {
    const parsed = offerSchema.safeParse(accepted);
    if (!parsed.success) return "An offer cannot be read.";
    const { scheme, network, asset, payTo, maxTimeoutSeconds, extra } = parsed.data;
    const amount = BigInt(parsed.data.amount);
    if (scheme !== "exact") return `Scheme ${quoted(scheme)} is not exact.`;
    if (network !== limits.network) return `Network ${quoted(network)} is not ${limits.network}.`;
    if (asset !== limits.asset) return `Asset ${asset} is not ${limits.asset}.`;
    if (!isHex(payTo, 20) || !limits.payees.includes(payTo)) return `Payee ${payTo} is not allowed.`;
    if (amount === 0n || amount > limits.maxPerCall) return `Amount ${amount} is not within ${limits.maxPerCall}.`;
    if (maxTimeoutSeconds > limits.maxTimeoutSeconds) {
        return `A signature good for ${maxTimeoutSeconds} s is above ${limits.maxTimeoutSeconds} s.`;
    }
    const isPlain = [undefined, null, "eip3009"].includes(extra.assetTransferMethod as never);
    if (!isPlain || !FLOWS.includes(extra.paymentFlow)) return "The offer moves money in another way.";
    if (!gives({ policy: extra.policy, wanted: policy })) return `Policy ${quoted(extra.policy ?? "")} is weaker.`;
    const domain = { name: extra.name, version: extra.version };
    return { accepted, amount, payTo, domain, timeoutSeconds: maxTimeoutSeconds };
}

/** An offer that names no policy is of the one that the body asks for. */
function gives({ policy, wanted }: { policy: string | undefined; wanted: bigint }): boolean {
    if (policy === undefined) return true;
    try {
        return implies(policyFromText(policy), wanted);
    } catch (fault) {
        if (isProtocolError(fault)) return false;
        throw fault;
    }
}

function byAmount(left: Offer, right: Offer): number {
    return left.amount < right.amount ? -1 : Number(left.amount > right.amount);
}

function quoted(text: string): string {
    return `"${text.slice(0, 80)}"`;
}
