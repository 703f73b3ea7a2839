import {
    type ChainState,
    decodeIoSpec,
    encodeIoSpec,
    type Hex,
    PRESETS,
    type Receipt,
    uintToHex,
    ZERO_ADDRESS,
    ZERO_BYTES32,
} from "@assay/protocol";
import { gatewayReceipt } from "./_gatewayReceipts.ts";
import { packedModel, withTensors } from "./_model.ts";
import { EXECUTOR, failureReceipt, hubReceipt, pullReceipt } from "./_receipts.ts";

import { honest, OTHER, type Refused, registryWith, signed, withoutMember } from "./_refused.ts";
export const request: Refused[] = [
    { code: "RECEIPT_MALFORMED", when: "it is not a receipt", receipt: () => ({ version: 1 }) },
    { code: "RECEIPT_MALFORMED", when: "it is null", receipt: () => null },
    {
        code: "RECEIPT_MALFORMED",
        when: "hex is not lower-case",
        receipt: () => ({ ...hubReceipt(), gate: `0x${"9A".repeat(20)}` }),
    },
    { code: "RECEIPT_VERSION_UNKNOWN", when: "it has version 2", receipt: () => ({ ...hubReceipt(), version: 2 }) },
    {
        code: "RECEIPT_REQUEST_ID_MISMATCH",
        when: "the fee was changed",
        receipt: () => {
            const { request, ...rest } = hubReceipt();
            return { ...rest, request: { ...request, terms: { ...request.terms, feeWei: "1" } } };
        },
    },
    {
        code: "RECEIPT_REQUEST_ID_MISMATCH",
        when: "the answer is to another request",
        receipt: () => hubReceipt({ statement: { requestId: OTHER } }),
    },
    {
        code: "RECEIPT_MODEL_NOT_ASKED",
        when: "another model was asked",
        receipt: () => hubReceipt({ terms: { modelId: OTHER } }),
    },
    {
        code: "RECEIPT_CONFIG_NOT_ASKED",
        when: "another configuration was asked",
        receipt: () => hubReceipt({ terms: { configHash: OTHER } }),
    },
    {
        code: "RECEIPT_INPUT_NOT_ASKED",
        when: "another input was asked",
        receipt: () => hubReceipt({ terms: { inputHash: OTHER } }),
    },
    {
        code: "RECEIPT_CONTEXT_MISMATCH",
        when: "a hub statement has a context",
        receipt: () => hubReceipt({ statement: { contextHash: OTHER } }),
    },
    {
        code: "RECEIPT_CONTEXT_MISMATCH",
        when: "a pull statement has a context",
        receipt: () => pullReceipt({ statement: { contextHash: OTHER } }),
    },
    {
        code: "RECEIPT_CONTEXT_MISMATCH",
        when: "the context was changed",
        receipt: () => ({ ...gatewayReceipt(), context: { ...gatewayReceipt().context, sequence: 0 } }),
    },
    {
        code: "RECEIPT_CONTEXT_MISSING",
        when: "a gateway receipt has no context",
        receipt: () => withoutMember(gatewayReceipt(), "context"),
    },
    {
        code: "RECEIPT_ASK_MISMATCH",
        when: "the consumer asked for another policy",
        receipt: () => pullReceipt(),
        chainState: (receipt) => ({ ...honest(receipt), ask: { ...askFor(receipt), policy: PRESETS.TEE } }),
    },
    {
        code: "RECEIPT_ASK_MISMATCH",
        when: "the consumer asked about another input",
        receipt: () => pullReceipt(),
        chainState: (receipt) => ({ ...honest(receipt), ask: { ...askFor(receipt), inputHash: OTHER } }),
    },
];

function askFor({ statement: { modelId, configHash, inputHash } }: Receipt): NonNullable<ChainState["ask"]> {
    const signers = { executors: [EXECUTOR], minStakeWei: 0n };
    return { modelId, configHash, inputHash, policy: PRESETS.SIGNED_AND_ZK, ...signers };
}

/** The packed model's ioSpec with another kind of output. */
function encodedWith(output: { dtype: number; bits: number }): Hex {
    const spec = decodeIoSpec(BigInt(packedModel().facts.ioSpec));
    return uintToHex(encodeIoSpec({ ...spec, output: { ...spec.output, ...output } }));
}

export const content: Refused[] = [
    {
        code: "RECEIPT_EXECUTOR_ZERO",
        when: "nobody answers",
        receipt: () => hubReceipt({ statement: { executor: ZERO_ADDRESS } }),
    },
    {
        code: "RECEIPT_ROUND_INVALID",
        when: "it is of round 1",
        receipt: () => hubReceipt({ statement: { round: 1n } }),
    },
    {
        code: "RECEIPT_FAILURE_IN_PULL",
        when: "a pull request failed",
        receipt: () => pullReceipt({ statement: { resultCode: 2n, outputHash: ZERO_BYTES32 } }),
    },
    {
        code: "RECEIPT_FAILURE_HAS_OUTPUT",
        when: "a failure has output bytes",
        receipt: () => ({ ...failureReceipt(), output: "0x00" }),
    },
    {
        code: "RECEIPT_FAILURE_HAS_OUTPUT",
        when: "a failure has an output hash",
        receipt: () => failureReceipt({ statement: { resultCode: 2n } }),
    },
    {
        code: "RECEIPT_FAILURE_NOT_NAMED",
        when: "a failure is by nobody who was named",
        receipt: () => failureReceipt({ executors: [], minStakeWei: 1n }),
    },
    {
        code: "RECEIPT_FAILURE_EVIDENCE",
        when: "a failure has two items",
        receipt: () => failureReceipt({ families: ["SIGNED", "ZK"] }),
    },
    {
        code: "RECEIPT_INPUT_MISMATCH",
        when: "the input was changed",
        receipt: () => ({ ...hubReceipt(), input: "0x0001020304050607" }),
    },
    {
        code: "RECEIPT_OUTPUT_MISMATCH",
        when: "the output was changed",
        receipt: () => ({ ...hubReceipt(), output: "0x0000000000000001" }),
    },
    {
        code: "RECEIPT_MODEL_ID_MISMATCH",
        when: "the artifact is another",
        receipt: () => hubReceipt({ registry: registryWith({ model: { artifactDigest: OTHER } }) }),
    },
    ...[
        { artifactDigest: ZERO_BYTES32 },
        { semantics: "FLOAT" },
        { ioSpec: ZERO_BYTES32 },
        {
            ioSpec: uintToHex(BigInt(packedModel().facts.ioSpec) | (1n << 24n)),
            vkHash: ZERO_BYTES32,
            setupKind: "none",
        },
        { ioSpec: encodedWith({ dtype: 11, bits: 64 }) },
        { setupKind: "none" },
        { setupKind: "ceremony" },
        { setupKind: "dev", transcriptHash: OTHER },
    ].map(
        (changes): Refused => ({
            code: "RECEIPT_MODEL_INVALID",
            when: `no registry takes ${JSON.stringify(changes)}`,
            receipt: () => hubReceipt({ model: packedModel(changes) }),
        }),
    ),
    {
        code: "RECEIPT_DEV_SETUP_FORBIDDEN",
        when: "a development key is used on another chain",
        receipt: () => hubReceipt({ chainId: 1, model: packedModel({ setupKind: "dev" }) }),
    },
    {
        code: "RECEIPT_LENGTH_MISMATCH",
        when: "the input is short",
        receipt: () => hubReceipt({ model: withTensors(packedModel(), { input: Uint8Array.of(1) }), ...signed }),
    },
    {
        code: "RECEIPT_LENGTH_MISMATCH",
        when: "the output is long",
        receipt: () => hubReceipt({ model: withTensors(packedModel(), { output: new Uint8Array(9) }), ...signed }),
    },
];
