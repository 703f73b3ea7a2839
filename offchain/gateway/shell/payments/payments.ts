import { type Hex, ProtocolError, toHex } from "@assay/protocol";
import { encodePaymentResponseHeader } from "@x402/core/http";
import { type FacilitatorClient, x402ResourceServer } from "@x402/core/server";
import { ExactEvmScheme } from "@x402/evm/exact/server";
import { paymentIdentifierResourceServerExtension } from "@x402/extensions/payment-identifier";
import type { Logger } from "pino";
import type { Payment, Payments, Settling } from "../../core/payment.ts";
import { REASONS } from "../../core/paymentRefused.ts";
import type { Node } from "../chain/node.ts";
import type { Relayer } from "../relayer.ts";
import { type Check, createFacilitator } from "./facilitator.ts";
import { createLedger } from "./ledger.ts";
import { createQuotes } from "./quotes.ts";
import { createReader } from "./reader.ts";
import { createRefunds } from "./refunds.ts";
import { createRemoteFacilitator, type RemoteSettings } from "./remote.ts";
import { createSettler } from "./settler.ts";
import { createSignatures, type Signatures } from "./signature.ts";
import { openToken, type Token } from "./token.ts";

/** What may be set, with what holds when it is not. */
export type PaymentLimits = {
    /** Seconds that an authorization is asked to be good for: the work and the settling happen in them. */
    maxTimeoutSeconds: number;
    /** Gas of one settlement or refund at most. */
    gasCap: bigint;
    /** A settlement that is in no block for this long is unknown, and looked for from then on. */
    confirmationMs: number;
    /** Calls that may wait for the relayer; whoever comes beyond is sent away before anything is done. */
    backlog: number;
    /** Settlements of one payer in a minute. */
    perPayerPerMinute: number;
};

/** Limits that hold when nothing else is said. */
export const PAYMENT_LIMITS: PaymentLimits = {
    maxTimeoutSeconds: 300,
    gasCap: 500_000n,
    confirmationMs: 60_000,
    backlog: 1_000,
    perPayerPerMinute: 1_000,
};

/** What payments are made of. */
export type PaymentParts = {
    node: Node;
    relayer: Relayer;
    /** EIP-3009 token. */
    token: Hex;
    /** Account that is paid; no other gateway may be paid there, or one payment would buy from both. */
    payTo: Hex;
    /** Key of the account that refunds are paid from. */
    refundKey: Hex;
    /** Somebody else's facilitator, instead of the one in process. */
    facilitator?: RemoteSettings | undefined;
    /** Rules of the operator's own, for the facilitator in process. */
    checks?: readonly Check[];
    limits?: Partial<PaymentLimits>;
    /** Milliseconds of the clock. */
    now?: () => number;
    log: Logger;
};

/**
 * Payments by x402 (scheme exact, EIP-3009), settled in process or by a facilitator over HTTP. Throws
 * GATEWAY_TOKEN_UNUSABLE, GATEWAY_FACILITATOR_UNUSABLE and the faults of the endpoint.
 */
export async function createPayments(parts: PaymentParts): Promise<Payments & { token: Token }> {
    const { node, relayer, payTo, now = Date.now } = parts;
    const limits = { ...PAYMENT_LIMITS, ...parts.limits };
    await requireChain(node, relayer.chainId);
    const token = await openToken({ node, chainId: relayer.chainId, address: parts.token });
    const signatures = createSignatures({ node });
    const facilitator = facilitatorOf(parts, { token, signatures, limits });
    const server = await openServer(facilitator.client, relayer.chainId);
    const quotes = createQuotes({
        server,
        terms: { domain: token.domain, payTo, maxTimeoutSeconds: limits.maxTimeoutSeconds },
    });
    const reader = createReader({
        ...{ signatures, server, quotes, token, now },
        isBusy: () => relayer.backlog() >= limits.backlog,
    });
    const settler = createSettler({
        ...{ facilitator, token, now, log: parts.log, ledger: createLedger({ node, token }) },
        seen: (transaction) => relayer.mined(transaction, { timeoutMs: limits.confirmationMs }),
    });
    return {
        token,
        challenge: async (wanted, error) => {
            const quote = await quotes.of(wanted);
            return error === undefined ? quote.challenge : quotes.withError(quote, error);
        },
        read: reader.read,
        ...settler,
        refund: createRefunds({ ...{ node, relayer, token, limits, now }, key: parts.refundKey }),
        response: responseOf,
        close: async () => {},
    };
}

async function requireChain(node: Node, chainId: number): Promise<void> {
    const found = await node.chainId();
    if (found === chainId) return;
    const message = `The node is on chain ${found}; the relayer signs for ${chainId}.`;
    throw new ProtocolError({ code: "GATEWAY_SETTINGS_INVALID", message });
}

function facilitatorOf(
    { node, relayer, payTo, facilitator, checks = [], log }: PaymentParts,
    { token, signatures, limits }: { token: Token; signatures: Signatures; limits: PaymentLimits },
): { client: FacilitatorClient; isOurs: boolean } {
    if (facilitator !== undefined) return { client: createRemoteFacilitator(facilitator), isOurs: false };
    const rules = { ...limits, payTo: [payTo], checks };
    return { client: createFacilitator({ node, relayer, token, signatures, rules, log }), isOurs: true };
}

/** The official server's parts that make and match quotes; its middlewares are not used. */
async function openServer(client: FacilitatorClient, chainId: number): Promise<x402ResourceServer> {
    const network = `eip155:${chainId}` as const;
    const server = new x402ResourceServer(client);
    server.register(network, new ExactEvmScheme());
    server.registerExtension(paymentIdentifierResourceServerExtension);
    try {
        // Asked first: the server itself would only print what is wrong.
        await client.getSupported();
        await server.initialize();
    } catch (cause) {
        throw new ProtocolError({ code: "GATEWAY_FACILITATOR_UNUSABLE", cause });
    }
    if (server.getSupportedKind(2, network, "exact") === undefined) {
        const message = `The facilitator does not settle "exact" on ${network}.`;
        throw new ProtocolError({ code: "GATEWAY_FACILITATOR_UNUSABLE", message });
    }
    return server;
}

function responseOf({ record, payer, requirements }: Payment, settling: Settling): string {
    const common = { network: requirements.network, payer, amount: record.amount };
    if (settling.status === "settled") {
        return encodePaymentResponseHeader({ success: true, transaction: toHex(settling.transaction), ...common });
    }
    const errorReason = settling.status === "unknown" ? REASONS.pending : REASONS.failed;
    const errorMessage = settling.status === "unknown" ? "It is not known yet." : settling.reason;
    const transaction = settling.status === "unknown" ? (settling.transaction ?? "") : "";
    return encodePaymentResponseHeader({ success: false, errorReason, errorMessage, transaction, ...common });
}
