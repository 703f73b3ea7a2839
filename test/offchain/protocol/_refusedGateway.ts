import { eraseReceipt, type GatewayReceipt, outputPartsOf, PRESETS, uintToHex } from "@assay/protocol";
import {
    chatReceipt,
    gatewayReceipt,
    jsonBytes,
    PAID,
    refundedReceipt,
    remoteModel,
    settledReceipt,
    unpaidReceipt,
} from "./_gatewayReceipts.ts";
import { type KnownModel, packedModel, withTensors } from "./_model.ts";
import { CONSUMER, EXECUTOR } from "./_receipts.ts";
import { honest, OTHER, type Refused } from "./_refused.ts";

const REMOTE = { host: "api.example.com", model: "small-1" };
const UPSTREAM = { ...REMOTE, id: null, fingerprint: null };
const config = { owner: CONSUMER, name: "terse", version: 2, inForceFrom: 1_799_999_000 };

function bodyOf(receipt: GatewayReceipt) {
    return receipt.context?.requested ?? {};
}

/** A chat whose input is other JSON than the context describes. */
function chatAbout(input: Record<string, unknown>): KnownModel {
    return withTensors(remoteModel(REMOTE), { input: jsonBytes(JSON.parse(JSON.stringify(input))) });
}

const effective = { max_tokens: 64, messages: [], model: REMOTE.model, salt: `0x${"6f".repeat(16)}`, temperature: 0.2 };

const asked: Refused[] = [
    {
        code: "RECEIPT_REQUEST_HASH_MISMATCH",
        when: "the request was another body",
        receipt: () => gatewayReceipt({ request: { requestHash: OTHER } }),
    },
    {
        code: "RECEIPT_POLICY_NOT_ASKED",
        when: "the context was signed for another policy",
        receipt: () => gatewayReceipt({ context: { policy: uintToHex(PRESETS.ZK) } }),
    },
    {
        code: "RECEIPT_POLICY_NOT_ASKED",
        when: "the body names another policy",
        receipt: () => gatewayReceipt({ context: { requested: { model: "digits", verification: { policy: "ZK" } } } }),
    },
    {
        code: "RECEIPT_POLICY_NOT_ASKED",
        when: "the body asks for more levels",
        receipt: () =>
            gatewayReceipt({ context: { requested: { model: "digits", verification: { levels: ["signed", "zk"] } } } }),
    },
    {
        code: "RECEIPT_POLICY_NOT_ASKED",
        when: "the body names a policy that is none",
        receipt: () =>
            gatewayReceipt({ context: { requested: { model: "digits", verification: { policy: "SURE" } } } }),
    },
    {
        code: "RECEIPT_POLICY_NOT_ASKED",
        when: "what the body says of verification has no form",
        receipt: () => gatewayReceipt({ context: { requested: { model: "digits", verification: { trust: "me" } } } }),
    },
    {
        code: "RECEIPT_MODEL_NOT_ASKED",
        when: "the body names another model version",
        receipt: () => gatewayReceipt({ context: { requested: { model: OTHER } } }),
    },
    {
        code: "RECEIPT_CONFIG_NOT_ASKED",
        when: "the body pins another version of the configuration",
        receipt: () => {
            const verification = { config: { owner: CONSUMER, name: "terse", version: 1 } };
            return chatReceipt({ context: { requested: { ...bodyOf(chatReceipt()), verification } } });
        },
    },
    {
        code: "RECEIPT_CONFIG_NOT_ASKED",
        when: "the body pins a configuration and none was in force",
        receipt: () =>
            gatewayReceipt({ context: { requested: { verification: { config: { owner: CONSUMER, name: "x" } } } } }),
    },
    {
        code: "RECEIPT_EFFECTIVE_MISMATCH",
        when: "the body gives another salt",
        receipt: () => gatewayReceipt({ context: { requested: { verification: { salt: `0x${"00".repeat(16)}` } } } }),
    },
];

const paid: Refused[] = [
    {
        code: "RECEIPT_PAYMENT_MISMATCH",
        when: "somebody else paid",
        receipt: () => gatewayReceipt({ request: { payer: EXECUTOR } }),
    },
    {
        code: "RECEIPT_PAYMENT_MISMATCH",
        when: "it was another payment",
        receipt: () => gatewayReceipt({ request: { paymentNonce: OTHER } }),
    },
    {
        code: "RECEIPT_PAYMENT_MISMATCH",
        when: "a payer is named and nothing was paid",
        receipt: () => unpaidReceipt({ request: { payer: CONSUMER } }),
    },
    {
        code: "RECEIPT_PAYMENT_MISMATCH",
        when: "a failure was charged",
        receipt: () => gatewayReceipt({ statement: { resultCode: 2n } }),
    },
    {
        code: "RECEIPT_REFUND_WRONG",
        when: "more was paid back than paid",
        receipt: () => refundedReceipt({ refund: { transaction: OTHER, amount: "1001", reason: "Sorry." } }),
    },
    {
        code: "RECEIPT_REFUND_WRONG",
        when: "something was paid back and nothing paid",
        receipt: () => unpaidReceipt({ refund: { transaction: OTHER, amount: "0", reason: "Sorry." } }),
    },
    {
        code: "RECEIPT_POLICY_NOT_MET",
        when: "the proof that was paid for never came, refund or not",
        receipt: () =>
            gatewayReceipt({
                policy: PRESETS.SIGNED_AND_ZK,
                refund: { transaction: OTHER, amount: "1000", reason: "No proof could be made." },
            }),
    },
    {
        code: "RECEIPT_PAYMENT_NOT_MADE",
        when: "the transaction moved nothing by this nonce",
        receipt: () => gatewayReceipt(),
        chainState: (receipt) => ({ ...honest(receipt), payment: null }),
    },
    {
        code: "RECEIPT_PAYMENT_NOT_MADE",
        when: "the transaction moved less",
        receipt: () => gatewayReceipt(),
        chainState: (receipt) => ({ ...honest(receipt), payment: { ...PAID, amount: "999" } }),
    },
    {
        code: "RECEIPT_REFUND_NOT_MADE",
        when: "the transaction paid nothing back",
        receipt: () => refundedReceipt(),
        chainState: (receipt) => ({ ...honest(receipt), refund: null }),
    },
    {
        code: "RECEIPT_REFUND_NOT_MADE",
        when: "the transaction paid less back",
        receipt: () => refundedReceipt(),
        chainState: (receipt) => ({ ...honest(receipt), refund: { transaction: OTHER, amount: "999" } }),
    },
];

const content: Refused[] = [
    {
        code: "RECEIPT_SEQUENCE_MISMATCH",
        when: "it was settled under another sequence than it was signed with",
        receipt: () => settledReceipt(gatewayReceipt({ context: { sequence: 5 } })),
    },
    {
        code: "RECEIPT_CLAIM_CLASS_WRONG",
        when: "a model that ran here is said to have been asked elsewhere",
        receipt: () => gatewayReceipt({ context: { claimClass: "GATEWAY", upstream: UPSTREAM } }),
    },
    {
        code: "RECEIPT_CLAIM_CLASS_WRONG",
        when: "somebody else's model is said to have run here",
        receipt: () => chatReceipt({ context: { claimClass: "COMPUTE", upstream: null } }),
    },
    {
        code: "RECEIPT_UPSTREAM_WRONG",
        when: "it does not say who answered",
        receipt: () => chatReceipt({ context: { upstream: null } }),
    },
    {
        code: "RECEIPT_UPSTREAM_WRONG",
        when: "somebody answered for a model that ran here",
        receipt: () => gatewayReceipt({ context: { upstream: UPSTREAM } }),
    },
    {
        code: "RECEIPT_UPSTREAM_WRONG",
        when: "another host answered than the model version names",
        receipt: () => chatReceipt({ context: { upstream: { ...UPSTREAM, host: "api.example.org" } } }),
    },
    {
        code: "RECEIPT_CONFIG_MISMATCH",
        when: "a configuration is named that the statement does not have",
        receipt: () => gatewayReceipt({ context: { config } }),
    },
    {
        code: "RECEIPT_CONFIG_MISMATCH",
        when: "the statement has a configuration without a name",
        receipt: () => gatewayReceipt({ statement: { configHash: OTHER } }),
    },
    {
        code: "RECEIPT_CONFIG_MISMATCH",
        when: "the configuration came into force 61 s later",
        receipt: () => chatReceipt({ context: { config: { ...config, inForceFrom: 1_800_000_061 } } }),
    },
    {
        code: "RECEIPT_CONFIG_FACTS_MISMATCH",
        when: "the registry has another configuration under this version",
        receipt: () => chatReceipt(),
        chainState: (receipt) => ({ ...honest(receipt), config: { configHash: OTHER, inForceFrom: 1_799_999_000 } }),
    },
    {
        code: "RECEIPT_CONFIG_FACTS_MISMATCH",
        when: "the registry has no such version",
        receipt: () => chatReceipt(),
        chainState: (receipt) => ({ ...honest(receipt), config: null }),
    },
    {
        code: "RECEIPT_OUTPUT_PARTS_MISMATCH",
        when: "a part of the output is missing from the list",
        receipt: () => chatReceipt({ context: { outputParts: [] } }),
    },
    {
        code: "RECEIPT_OUTPUT_PARTS_MISMATCH",
        when: "the output of a chat is not canonical JSON",
        receipt: () => chatReceipt({ model: answering('{ "choices": [] }'), context: { outputParts: [] } }),
    },
    {
        code: "RECEIPT_OUTPUT_PARTS_MISMATCH",
        when: "the output of a chat is empty",
        receipt: () => chatReceipt({ model: answering(""), context: { outputParts: [] } }),
    },
    {
        code: "RECEIPT_OUTPUT_PARTS_MISMATCH",
        when: "a failure has parts",
        receipt: () =>
            refundedReceipt({ context: { outputParts: outputPartsOf({ route: "infer", output: Uint8Array.of(1) }) } }),
    },
    {
        code: "RECEIPT_USAGE_WRONG",
        when: "the total is not the sum",
        receipt: () => gatewayReceipt({ context: { usage: { promptTokens: 1, completionTokens: 1, totalTokens: 3 } } }),
    },
];

/** The chat's model, whose answer is any text. */
function answering(text: string): KnownModel {
    const [model, output] = [remoteModel(REMOTE), new TextEncoder().encode(text)];
    return withTensors({ ...model, output }, { output });
}

const effects: Refused[] = [
    {
        code: "RECEIPT_EFFECTIVE_MISMATCH",
        when: "the input is not canonical JSON",
        receipt: () => chatReceipt({ model: withTensors(remoteModel(REMOTE), { input: packedModel().input }) }),
    },
    ...[
        { when: "another salt", changes: { salt: `0x${"00".repeat(16)}` } },
        { when: "no messages", changes: { messages: "none" } },
        { when: "another temperature", changes: { temperature: 1 } },
        { when: "a parameter that the context leaves out", changes: { seed: 7 } },
    ].map(
        ({ when, changes }): Refused => ({
            code: "RECEIPT_EFFECTIVE_MISMATCH",
            when: `the input has ${when}`,
            receipt: () => chatReceipt({ model: chatAbout({ ...effective, ...changes }) }),
        }),
    ),
    {
        code: "RECEIPT_EFFECTIVE_MISMATCH",
        when: "another model was in effect than the one that was asked",
        receipt: () =>
            chatReceipt({
                model: chatAbout({ ...effective, model: "small-2" }),
                context: { effective: { max_tokens: 64, model: "small-2", temperature: 0.2 } },
            }),
    },
];

const erased: Refused[] = [
    {
        code: "RECEIPT_ERASURE_CONTRADICTED",
        when: "a part of the contents is still there",
        receipt: () => ({ ...eraseReceipt(gatewayReceipt()), output: gatewayReceipt().output }),
    },
    {
        code: "RECEIPT_SETTLEMENT_MISMATCH",
        when: "an erased receipt gives another hash than was settled",
        receipt: () => ({ ...eraseReceipt(settledReceipt()), erased: { receiptHash: OTHER } }),
    },
    {
        code: "RECEIPT_PROOF_BYTES_MISSING",
        when: "the bytes that a proof speaks of were deleted",
        receipt: () => eraseReceipt(gatewayReceipt({ policy: PRESETS.SIGNED_AND_ZK, families: ["SIGNED", "ZK"] })),
    },
    {
        code: "RECEIPT_CLAIM_CLASS_WRONG",
        when: "an enclave that computes attests a model that is asked elsewhere",
        receipt: () => chatReceipt({ families: ["SIGNED", "TEE"] }),
    },
];

export const gateway: Refused[] = [...asked, ...paid, ...content, ...effects, ...erased];
