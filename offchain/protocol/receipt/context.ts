import * as z from "zod";

const hexOf = (bytes: number) => z.templateLiteral(["0x", z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`))]);
const bytes32 = hexOf(32);
const address = hexOf(20);
const amount = z.string().regex(/^(?:0|[1-9][0-9]{0,77})$/);
const count = z.int().min(0);
const jsonObject = z.record(z.string(), z.json());

/** An x402 payment, as the executor who was paid knows it before it signs. */
export const paymentRecord = z.strictObject({
    scheme: z.string(),
    flow: z.enum(["upfront", "authorization"]),
    /** CAIP-2. */
    network: z.string(),
    asset: address,
    payTo: address,
    amount,
    payer: address,
    nonce: bytes32,
    /** That moved the money. */
    transaction: bytes32,
});

/**
 * All that a gateway's statement says beside model, input and output; contextHash is the hash of its canonical JSON.
 * Every member is there in every context: null says that there is none.
 */
export const gatewayContext = z.strictObject({
    version: z.literal(1),
    route: z.enum(["infer", "chat"]),
    /** The request's body as it was sent; its hash is requestHash. */
    requested: jsonObject,
    /** Parameters in effect, defaults included; contents are in the input. */
    effective: jsonObject,
    /** Policy word that was bought. */
    policy: bytes32,
    /** COMPUTE: it ran there. GATEWAY: somebody else answered. */
    claimClass: z.enum(["COMPUTE", "GATEWAY"]),
    /** Whom a GATEWAY asked, and what that one says of itself. */
    upstream: z
        .strictObject({
            host: z.string(),
            model: z.string(),
            id: z.string().nullable(),
            fingerprint: z.string().nullable(),
        })
        .nullable(),
    /** The version of a named configuration that was in force; configHash is the statement's. */
    config: z.strictObject({ owner: address, name: z.string(), version: count.min(1), inForceFrom: count }).nullable(),
    /** What came with the request beside text: digests, in order. */
    attachments: z.array(z.strictObject({ mediaType: z.string(), bytes: count, keccak256: bytes32 })),
    /** Digest of every part of the output by its path, such as "choices.0.message". */
    outputParts: z.array(z.strictObject({ path: z.string(), keccak256: bytes32 })),
    usage: z.strictObject({ promptTokens: count, completionTokens: count, totalTokens: count }).nullable(),
    /** What it cost; null on an unpaid route. */
    payment: paymentRecord.nullable(),
    /** Place in the executor's own count of receipts, from 0: its place in the receipt log. */
    sequence: count,
    /** 128 random bits: hashes of what can be guessed say nothing. */
    salt: hexOf(16),
});

/** The context of a gateway's receipt. */
export type GatewayContext = z.infer<typeof gatewayContext>;
/** A payment in a context. */
export type PaymentRecord = z.infer<typeof paymentRecord>;
/** A JSON object. */
export type JsonObject = z.infer<typeof jsonObject>;
