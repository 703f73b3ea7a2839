import {
    canonicalJson,
    contextHashOf,
    type GatewayContext,
    type GatewayReceipt,
    gatewayRequestOf,
    type Hex,
    hashJson,
    type JsonObject,
    keccak256,
    leafOf,
    outputPartsOf,
    PRESETS,
    receiptHash,
    remoteDigestOf,
    requestIdGateway,
    rootOf,
    type Statement,
    statementDigest,
    statementFromJson,
    uintToHex,
    ZERO_BYTES32,
} from "@assay/protocol";
import { type KnownModel, packedModel, withTensors } from "./_model.ts";
import { CHAIN_ID, CONSUMER, commonOf, EXECUTOR, GATE, type Wish } from "./_receipts.ts";

const SALT: Hex = `0x${"6f".repeat(16)}`;
const NONCE = keccak256(Uint8Array.of(8));
const UPSTREAM = { host: "api.example.com", model: "small-1" };
const LOG: Hex = `0x${"10".repeat(20)}`;

export const PAID: NonNullable<GatewayContext["payment"]> = {
    scheme: "exact",
    flow: "authorization",
    network: `eip155:${CHAIN_ID}`,
    asset: `0x${"05".repeat(20)}`,
    payTo: `0x${"06".repeat(20)}`,
    amount: "1000",
    payer: CONSUMER,
    nonce: NONCE,
    transaction: keccak256(Uint8Array.of(9)),
};

/** What a builder of gateway receipts may be told beside what every builder may. */
export interface GatewayWish extends Wish {
    context?: Partial<GatewayContext>;
    request?: Partial<GatewayReceipt["request"]>;
    /** Members of the receipt itself that are outside of its hash. */
    refund?: GatewayReceipt["refund"];
}

/** A receipt of a paid gateway request: tensors, SIGNED. */
export function gatewayReceipt(wish: GatewayWish = {}): GatewayReceipt {
    const { model = packedModel(), policy = PRESETS.SIGNED } = wish;
    const isFailure = wish.statement?.resultCode !== undefined && wish.statement.resultCode !== 0n;
    const context = aContext({ model, policy, isFailure, changes: wish.context ?? {} });
    const request = {
        ...gatewayRequestOf({
            requested: context.requested,
            policy,
            paymentNonce: context.payment?.nonce ?? NONCE,
            ...(context.payment === null ? {} : { payer: context.payment.payer }),
        }),
        ...wish.request,
    };
    const requestId = requestIdGateway({ chainId: CHAIN_ID, gate: GATE, executor: EXECUTOR, ...request });
    const failed: Partial<Statement> = isFailure ? { outputHash: ZERO_BYTES32 } : {};
    const filled: Wish = { families: ["SIGNED"], ...wish, statement: { ...failed, ...wish.statement } };
    const { output, ...common } = commonOf({
        wish: filled,
        model,
        requestId,
        contextHash: contextHashOf(context),
    });
    return {
        ...common,
        ...(isFailure || output === undefined ? {} : { output }),
        origin: "gateway",
        request,
        context,
        ...(wish.refund === undefined ? {} : { refund: wish.refund }),
    };
}

/** A receipt of an unpaid gateway request: tensors, SIGNED. */
export function unpaidReceipt(wish: GatewayWish = {}): GatewayReceipt {
    return gatewayReceipt({ ...wish, context: { payment: null, ...wish.context } });
}

/** A receipt of a paid chat that an upstream answered, under a configuration. */
export function chatReceipt(wish: GatewayWish = {}): GatewayReceipt {
    const model = wish.model ?? remoteModel(UPSTREAM);
    const policy = wish.policy ?? PRESETS.SIGNED;
    const parameters = { max_tokens: 64, model: UPSTREAM.model, temperature: 0.2 };
    const requested = { messages: [{ content: "Name a metal.", role: "user" }], model: UPSTREAM.model };
    return gatewayReceipt({
        ...wish,
        model,
        policy,
        statement: { configHash: hashJson({ system: "Answer in one word." }), ...wish.statement },
        context: {
            route: "chat",
            requested: { ...requested, max_tokens: 64, verification: { policy: "SIGNED", config: ASKED_CONFIG } },
            effective: parameters,
            claimClass: "GATEWAY",
            upstream: { ...UPSTREAM, id: "cmpl-7", fingerprint: "fp_1" },
            config: { ...ASKED_CONFIG, version: 2, inForceFrom: 1_799_999_000 },
            usage: { promptTokens: 11, completionTokens: 2, totalTokens: 13 },
            outputParts: wish.context?.outputParts ?? outputPartsOf({ route: "chat", output: model.output }),
            ...wish.context,
        },
    });
}

const ASKED_CONFIG = { owner: CONSUMER, name: "terse" };

/** A receipt of a gateway request paid upfront that its executor could not serve, and paid back. */
export function refundedReceipt(wish: GatewayWish = {}): GatewayReceipt {
    return gatewayReceipt({
        statement: { resultCode: 2n },
        refund: { transaction: keccak256(Uint8Array.of(31)), amount: "1000", reason: "It could not be computed." },
        ...wish,
        context: { payment: { ...PAID, flow: "upfront" }, ...wish.context },
    });
}

/** A receipt of a gateway request whose failure was never charged. */
export function unchargedFailure(wish: GatewayWish = {}): GatewayReceipt {
    return gatewayReceipt({
        statement: { resultCode: 2n },
        request: { payer: CONSUMER },
        ...wish,
        context: { payment: null, ...wish.context },
    });
}

/** A gateway receipt as one of three leaves of a batch. */
export function settledReceipt(receipt: GatewayReceipt = gatewayReceipt()): GatewayReceipt {
    const digest = statementDigest({ chainId: CHAIN_ID, gate: GATE, statement: statementFromJson(receipt.statement) });
    const leaf = leafOf({ executor: EXECUTOR, sequence: 4, digest, receiptHash: receiptHash(receipt) });
    const siblings = [keccak256(Uint8Array.of(21)), keccak256(Uint8Array.of(22))];
    const root = rootOf({ leaf, proof: siblings });
    return { ...receipt, settlement: { kind: "batch", log: LOG, root, sequence: 4, proof: siblings } };
}

/** A REMOTE version whose effective request and answer are those of the chat receipt. */
export function remoteModel({ host, model }: typeof UPSTREAM): KnownModel {
    const changes = {
        artifactDigest: remoteDigestOf({ host, model }),
        ioSpec: uintToHex(0n),
        semantics: "REMOTE",
        setupKind: "none",
        vkHash: ZERO_BYTES32,
    };
    const bare = packedModel(changes);
    const { verifyingKey, ...facts } = bare.facts;
    return withTensors({ ...bare, facts }, { input: jsonBytes(EFFECTIVE), output: jsonBytes(ANSWER) });
}

const EFFECTIVE = {
    max_tokens: 64,
    messages: [
        { content: "Answer in one word.", role: "system" },
        { content: "Name a metal.", role: "user" },
    ],
    model: UPSTREAM.model,
    salt: SALT,
    temperature: 0.2,
};
const ANSWER = {
    choices: [{ finish_reason: "stop", index: 0, message: { content: "Gold.", role: "assistant" } }],
};

export function jsonBytes(value: JsonObject): Uint8Array {
    return new TextEncoder().encode(canonicalJson(value));
}

function aContext({
    model,
    policy,
    isFailure,
    changes,
}: {
    model: KnownModel;
    policy: bigint;
    isFailure: boolean;
    changes: Partial<GatewayContext>;
}): GatewayContext {
    return {
        version: 1,
        route: "infer",
        requested: { model: "digits", inputs: { x: [0, 1, 2, 3, 250, 251, 252, 253] } },
        effective: { model: "digits" },
        policy: uintToHex(policy),
        claimClass: "COMPUTE",
        upstream: null,
        config: null,
        attachments: [],
        outputParts: isFailure ? [] : [{ path: "output", keccak256: keccak256(model.output) }],
        usage: null,
        payment: PAID,
        sequence: 4,
        salt: SALT,
        ...changes,
    };
}
