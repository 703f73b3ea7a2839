import { ZERO_BYTES32 } from "@assay/protocol";
import { boundModel, packedModel, unsoundModel } from "./_model.ts";
import { EXECUTOR, failureReceipt, hubReceipt, pullReceipt } from "./_receipts.ts";

import {
    honest,
    ISSUED_AT,
    OTHER,
    type Refused,
    registryWith,
    secondSignature,
    signed,
    withoutMember,
} from "./_refused.ts";
export const evidence: Refused[] = [
    { code: "RECEIPT_EVIDENCE_MISSING", when: "there is none", receipt: () => ({ ...hubReceipt(), evidence: [] }) },
    {
        code: "RECEIPT_EVIDENCE_ORDER",
        when: "items descend",
        receipt: () => ({ ...hubReceipt(), evidence: hubReceipt().evidence.toReversed() }),
    },
    { code: "RECEIPT_EVIDENCE_ORDER", when: "an item comes twice", receipt: secondSignature },
    {
        code: "RECEIPT_FAMILY_NOT_AN_ITEM",
        when: "OPTIMISTIC is an item",
        receipt: () => ({ ...hubReceipt(), evidence: [{ family: "OPTIMISTIC", data: "0x" }] }),
    },
    {
        code: "RECEIPT_FAMILY_UNSUPPORTED",
        when: "ZKVM is an item",
        receipt: () => ({ ...hubReceipt(), evidence: [{ family: "ZKVM", data: "0x" }] }),
    },
    {
        code: "RECEIPT_SIGNERS_UNSPECIFIED",
        when: "anybody could have signed",
        receipt: () => hubReceipt({ executors: [], ...signed }),
    },
    {
        code: "RECEIPT_SIGNING_KEY_MISSING",
        when: "the executor's record is missing",
        receipt: () => ({ ...hubReceipt(), registry: withoutMember(hubReceipt().registry, "executor") }),
    },
    {
        code: "RECEIPT_SIGNATURE_MALFORMED",
        when: "a signature has 64 bytes",
        receipt: () => ({ ...hubReceipt(), evidence: [{ family: "SIGNED", data: `0x${"11".repeat(64)}` }] }),
    },
    {
        code: "RECEIPT_SIGNATURE_WRONG",
        when: "somebody else signed",
        receipt: () => hubReceipt({ registry: registryWith({ executor: { signingKey: EXECUTOR } }) }),
    },
    {
        code: "RECEIPT_SIGNATURE_WRONG",
        when: "it was signed for another gate",
        receipt: () => ({ ...hubReceipt(), gate: EXECUTOR }),
    },
    {
        code: "RECEIPT_KEY_NOT_VALID",
        when: "the key's window had ended",
        receipt: () => hubReceipt({ registry: registryWith({ executor: { notAfter: ISSUED_AT } }) }),
    },
    {
        code: "RECEIPT_KEY_NOT_VALID",
        when: "the key was retired before",
        receipt: () => hubReceipt({ registry: registryWith({ executor: { state: "retired" } }) }),
    },
    {
        code: "RECEIPT_KEY_COMPROMISED",
        when: "the key was compromised then",
        receipt: () => hubReceipt({ registry: registryWith({ executor: { state: "compromised" } }) }),
    },
    {
        code: "RECEIPT_KEY_COMPROMISED",
        when: "the key was reported compromised since",
        receipt: () => hubReceipt(),
        chainState: (receipt) => ({ ...honest(receipt), latest: { keyState: "compromised" } }),
    },
    {
        code: "RECEIPT_ZK_NOT_APPLICABLE",
        when: "a proof stands for a configuration",
        receipt: () => {
            const configHash = OTHER;
            return hubReceipt({ terms: { configHash }, statement: { configHash } });
        },
    },
    {
        code: "RECEIPT_ZK_NOT_APPLICABLE",
        when: "a proof stands for a failure",
        receipt: () => failureReceipt({ families: ["ZK"] }),
    },
    {
        code: "RECEIPT_MODEL_HAS_NO_KEY",
        when: "a proof is given for a model without a key",
        receipt: () => {
            const facts = withoutKey();
            return hubReceipt({ model: facts });
        },
    },
    {
        code: "RECEIPT_VERIFYING_KEY_MISSING",
        when: "the key's bytes are missing",
        receipt: () => ({
            ...hubReceipt(),
            registry: { ...hubReceipt().registry, model: withoutMember(packedModel().facts, "verifyingKey") },
        }),
    },
    {
        code: "RECEIPT_VERIFYING_KEY_MISMATCH",
        when: "the key's bytes are another's",
        receipt: () => hubReceipt({ registry: registryWith({ model: { verifyingKey: "0x00" } }) }),
    },
    {
        code: "RECEIPT_VERIFYING_KEY_UNSOUND",
        when: "gamma equals delta",
        receipt: () => hubReceipt({ model: unsoundModel() }),
    },
    {
        code: "RECEIPT_MODEL_BROKEN",
        when: "the canary was broken then",
        receipt: () => hubReceipt({ registry: registryWith({ model: { broken: true } }) }),
    },
    {
        code: "RECEIPT_MODEL_BROKEN",
        when: "the canary was broken since",
        receipt: () => hubReceipt(),
        chainState: (receipt) => ({ ...honest(receipt), latest: { modelBroken: true } }),
    },
    {
        code: "RECEIPT_PROOF_BYTES_MISSING",
        when: "a proof comes without input",
        receipt: () => withoutMember(hubReceipt(), "input"),
    },
    {
        code: "RECEIPT_PROOF_BYTES_MISSING",
        when: "a proof comes without output",
        receipt: () => withoutMember(hubReceipt(), "output"),
    },
    {
        code: "RECEIPT_PROOF_MALFORMED",
        when: "a packed proof brings a commitment",
        receipt: () => ({ ...hubReceipt(), evidence: hubReceipt({ model: boundModel() }).evidence.slice(1) }),
    },
    {
        code: "RECEIPT_PROOF_MALFORMED",
        when: "a bound proof brings none",
        receipt: () => ({ ...hubReceipt({ model: boundModel() }), evidence: hubReceipt().evidence.slice(1) }),
    },
    {
        code: "RECEIPT_PROOF_INVALID",
        when: "the proof is of another statement",
        receipt: () => ({ ...hubReceipt({ families: ["ZK"] }), evidence: pullReceipt({ families: ["ZK"] }).evidence }),
    },
];

/** A version without a key; its proof is of the one that has it. */
function withoutKey(): ReturnType<typeof packedModel> {
    const { verifyingKey, ...facts } = packedModel({ vkHash: ZERO_BYTES32, setupKind: "none" }).facts;
    return { ...packedModel({ vkHash: ZERO_BYTES32, setupKind: "none" }), facts };
}
