import type { GatewayContext, Hex } from "@assay/protocol";
import type { PaymentPayload, PaymentRequirements } from "@x402/core/types";

/** When money moves: before the work (`upfront`), or after it (`authorization`). */
export type PaymentFlow = "upfront" | "authorization";

/** One thing that can be bought: a policy for a request. */
export type Offer = {
    policy: bigint;
    /** Units of the token, positive. */
    amount: bigint;
    flow: PaymentFlow;
};

/** What is sold: the resource and its offers. */
export type Wanted = { url: string; description: string; offers: readonly Offer[] };

/** The answer to whoever has not paid: status, headers and the body's `x402` member. */
export type Challenge = { headers: Record<string, string>; x402: unknown };

/** A payment that was read, fits an offer of this request, and is not used for another one. */
export type Payment = {
    offer: Offer;
    payer: Hex;
    /** EIP-3009 nonce. */
    nonce: Hex;
    /** Unix seconds. */
    validBefore: bigint;
    requirements: PaymentRequirements;
    /** The x402 payload as it goes to whoever settles it. */
    payload: PaymentPayload;
    /** As receipts record it, but for the transaction, which only settling tells. */
    record: Omit<NonNullable<GatewayContext["payment"]>, "transaction">;
    /** Of the extension payment-identifier; undefined = none. */
    identifier: string | undefined;
    /** By which its nonce is bound to its request; undefined = it is not. */
    salt?: Hex | undefined;
};

/** What became of settling. */
export type Settling =
    | { status: "settled"; transaction: Hex }
    /** For certain not paid and never to be paid by this authorization now. */
    | { status: "failed"; reason: string }
    /** Nobody knows yet: to be reconciled, never to be asked for again. */
    | { status: "unknown"; transaction: Hex | undefined };

/** Payments by x402, whoever settles them. */
export type Payments = {
    /** The 402 for a request: one requirement per offer. */
    challenge: (wanted: Wanted, error?: string) => Promise<Challenge>;
    /**
     * Reads a PAYMENT-SIGNATURE header and holds it against what is asked now. Throws PaymentRefused, a
     * GATEWAY_PAYMENT_INVALID with the wire's reason. A nonce bound to a request is held against requestHash.
     * isRepetition: its time does not count, since it is only to find what it was used for before.
     */
    read: (header: string, wanted: Wanted, request: { requestHash: Hex; isRepetition?: boolean }) => Promise<Payment>;
    /** Whether it would settle now: signature, balance, window. */
    verify: (payment: Payment) => Promise<{ status: "valid" } | { status: "invalid"; reason: string }>;
    settle: (payment: Payment) => Promise<Settling>;
    /** A verified payment will not be settled after all: its amount no longer counts against the payer's balance. */
    release: (payment: Payment) => void;
    /** What the chain says of a payment whose settling nobody knows, or that somebody else sent. */
    reconcile: (payment: Payment, transaction: Hex | undefined) => Promise<Settling>;
    /** Gives money back; `key` makes a repetition harmless: at most one transfer per key. */
    refund: (owed: { key: string; to: Hex; amount: bigint }) => Promise<{ transaction: Hex }>;
    /** Value of the PAYMENT-RESPONSE header. */
    response: (payment: Payment, settling: Settling) => string;
    close: () => Promise<void>;
};
