import * as z from "zod";
import { FAMILIES, SEMANTICS, SETUP_KINDS } from "../constants.ts";
import { gatewayContext } from "./context.ts";

/** Version of this schema; a change of meaning or a new required member raises it. */
export const RECEIPT_VERSION = 1 as const;

// Everything has one text form, so that equal facts have equal hashes: lower-case hex, decimal strings without
// leading zeros for amounts, numbers only for counts, ids and unix seconds below 2^53.
const hexOf = (bytes: number) => z.templateLiteral(["0x", z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`))]);
const bytes32 = hexOf(32);
const address = hexOf(20);
const bytes = z.templateLiteral(["0x", z.string().regex(/^(?:[0-9a-f]{2})*$/)]);
const amount = z.string().regex(/^(?:0|[1-9][0-9]{0,77})$/);
const amount64 = amount.refine((text) => BigInt(text) < 1n << 64n, "above 2^64 - 1");
const amount96 = amount.refine((text) => BigInt(text) < 1n << 96n, "above 2^96 - 1");
const count = z.int().min(0);
const seconds40 = count.max(2 ** 40 - 1);

const signers = z.strictObject({ executors: z.array(address), minStakeWei: amount96 });

const terms = z.strictObject({
    modelId: bytes32,
    configHash: bytes32,
    inputHash: bytes32,
    policy: bytes32,
    executors: z.array(address),
    minStakeWei: amount96,
    feeWei: amount96,
    token: address,
    deadline: seconds40,
    callback: address,
    callbackGas: count.max(0xffffffff),
    refundee: address,
});

const statement = z.strictObject({
    requestId: bytes32,
    modelId: bytes32,
    configHash: bytes32,
    inputHash: bytes32,
    outputHash: bytes32,
    contextHash: bytes32,
    executor: address,
    issuedAt: count,
    round: count.max(0xffffffff),
    resultCode: count.max(0xff),
});

/** What the model registry said: the whole preimage of modelId, and what its owner claims of the key. */
const model = z.strictObject({
    owner: address,
    artifactDigest: bytes32,
    ioSpec: bytes32,
    schemaHash: bytes32,
    semantics: z.enum(Object.keys(SEMANTICS)),
    vkHash: bytes32,
    derivedFrom: bytes32,
    setupKind: z.enum(Object.keys(SETUP_KINDS)),
    transcriptHash: bytes32,
    broken: z.boolean(),
    verifyingKey: bytes.optional(),
});

/** What the executor registry said; unix seconds, both inclusive. */
const executor = z.strictObject({
    signingKey: address,
    notBefore: seconds40,
    notAfter: seconds40,
    state: z.enum(["none", "active", "retired", "compromised"]),
    stakeWei: amount,
});

/** What the TEE registry said of one enclave key; unix seconds, inclusive. */
const enclave = z.strictObject({
    enclaveId: bytes32,
    /** Address of the TeeRegistry, which enclaveId commits to. */
    registry: address,
    family: z.enum(["TEE_NITRO", "TEE_SGX", "TEE_TDX"]),
    signer: address,
    operator: address,
    measurementId: bytes32,
    keyEpoch: amount64,
    claimClass: z.enum(["COMPUTE", "GATEWAY"]),
    /** Attested under a development root, whose key everybody has. */
    simulated: z.boolean(),
    registeredAt: seconds40,
    validUntil: seconds40,
    standing: z.enum(["live", "retired", "compromised"]),
    /** Whether the model version names this measurement. */
    mayAttest: z.boolean(),
});

/** The document that one enclave was registered by, and what it must contain. */
const attestation = z.strictObject({
    enclaveId: bytes32,
    document: bytes,
    challenge: bytes32,
    deadline: count,
    upstreamHash: bytes32,
    configHash: bytes32,
    binaryDigest: bytes32,
});

/** The state that was read, and the block it was read at. */
const registry = z.strictObject({
    blockNumber: count,
    blockHash: bytes32,
    blockTimestamp: count,
    model,
    executor: executor.optional(),
    /** One for each item of a TEE family. */
    enclaves: z.array(enclave).max(4).optional(),
});

/** Money that went back because what was paid for could not be had. */
const refund = z.strictObject({ transaction: bytes32, amount, reason: z.string().min(1).max(1000) });

/** Contents were deleted: what is left of them is what the statement commits to, and the hash of the whole receipt. */
const erased = z.strictObject({ receiptHash: bytes32 });

const settlement = z.discriminatedUnion("kind", [
    /** One answer recorded by a hub. */
    z.strictObject({
        kind: z.literal("delivery"),
        transaction: bytes32,
        blockNumber: count,
        blockHash: bytes32,
        presentMask: count.max(0xffff),
    }),
    /** One leaf of a Merkle batch in a ReceiptLog. */
    z.strictObject({
        kind: z.literal("batch"),
        log: address,
        root: bytes32,
        sequence: count,
        proof: z.array(bytes32).max(64),
    }),
]);

const common = {
    version: z.literal(RECEIPT_VERSION),
    chainId: z.int().min(1),
    gate: address,
    statement,
    input: bytes.optional(),
    output: bytes.optional(),
    /** Opens a committed input together with its bytes. */
    inputSalt: bytes32.optional(),
    /** Opens a committed output together with its bytes. */
    outputSalt: bytes32.optional(),
    evidence: z.array(z.strictObject({ family: z.enum(Object.keys(FAMILIES)), data: bytes })).max(16),
    registry,
    /** How the enclaves came to be registered, for whoever does not want to believe the registry. */
    attestation: z.array(attestation).max(4).optional(),
    settlement: settlement.optional(),
};

const hub = z.strictObject({
    ...common,
    origin: z.literal("hub"),
    request: z.strictObject({ hub: address, requester: address, salt: bytes32, terms }),
});

const pull = z.strictObject({
    ...common,
    origin: z.literal("pull"),
    request: z.strictObject({ consumer: address, salt: bytes32, policy: bytes32, signers }),
});

const gateway = z.strictObject({
    ...common,
    origin: z.literal("gateway"),
    request: z.strictObject({ payer: address, paymentNonce: bytes32, requestHash: bytes32, policy: bytes32 }),
    /** Everything else that the executor answers for; what was paid is in here. */
    context: gatewayContext.optional(),
    refund: refund.optional(),
    erased: erased.optional(),
});

/** A receipt, version 1. */
export const receiptSchema = z.discriminatedUnion("origin", [hub, pull, gateway]).meta({
    title: "Assay receipt",
    description: "The portable record of one inference: request, statement, evidence, the state read, settlement.",
});

/** The portable record of one inference; checkable by anyone with verifyReceipt. */
export type Receipt = z.infer<typeof receiptSchema>;
export type HubReceipt = z.infer<typeof hub>;
export type PullReceipt = z.infer<typeof pull>;
export type GatewayReceipt = z.infer<typeof gateway>;
/** The state that a receipt says was read. */
export type RegistryFacts = z.infer<typeof registry>;
export type ModelFacts = z.infer<typeof model>;
export type ExecutorFacts = z.infer<typeof executor>;
export type EnclaveFacts = z.infer<typeof enclave>;
export type AttestationRecord = z.infer<typeof attestation>;
