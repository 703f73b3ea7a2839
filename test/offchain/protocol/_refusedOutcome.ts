import { encodePolicy, FAMILIES, FLAGS, keccak256, PRESETS, type Receipt, ZERO_BYTES32 } from "@assay/protocol";
import { settledReceipt } from "./_gatewayReceipts.ts";
import { packedModel } from "./_model.ts";
import { EXECUTOR, hubReceipt, pullReceipt, SIGNER } from "./_receipts.ts";

import { delivery, honest, ISSUED_AT, OTHER, type Refused, registryWith, signed } from "./_refused.ts";

const flag3 = encodePolicy({ clauses: [1 << FAMILIES.SIGNED], flags: 1 << FLAGS.REQUIRE_EXACT_INT });

export const outcome: Refused[] = [
    {
        code: "RECEIPT_EXECUTOR_NOT_NAMED",
        when: "another executor was named",
        receipt: () => hubReceipt({ executors: [SIGNER] }),
    },
    {
        code: "RECEIPT_STAKE_TOO_LOW",
        when: "the stake is one wei short",
        receipt: () => hubReceipt({ minStakeWei: 10n ** 18n, stakeWei: 10n ** 18n - 1n }),
    },
    {
        code: "RECEIPT_ISSUED_IN_FUTURE",
        when: "it is dated 61 s after the block",
        receipt: () => hubReceipt({ registry: { blockTimestamp: ISSUED_AT - 61 } }),
    },
    {
        code: "RECEIPT_EVIDENCE_TOO_OLD",
        when: "the evidence is a second older than allowed",
        receipt: () =>
            hubReceipt({
                policy: encodePolicy({ clauses: [1], maxAgeMinutes: 1 }),
                registry: { blockTimestamp: ISSUED_AT + 61 },
            }),
    },
    {
        code: "RECEIPT_POLICY_NOT_CANONICAL",
        when: "the policy is not one",
        receipt: () => hubReceipt({ policy: PRESETS.SIGNED | (1n << 10n) }),
    },
    {
        code: "RECEIPT_POLICY_UNAVAILABLE",
        when: "the policy is OPTIMISTIC",
        receipt: () => hubReceipt({ policy: PRESETS.LAZY_ZK }),
    },
    {
        code: "RECEIPT_POLICY_NOT_MET",
        when: "the proof is missing",
        receipt: () => hubReceipt({ families: ["SIGNED"] }),
    },
    {
        code: "RECEIPT_POLICY_NOT_MET",
        when: "a FLOAT model answers where EXACT_INT is required",
        receipt: () => hubReceipt({ model: floatModel(), families: ["SIGNED"], policy: flag3 }),
    },
    {
        code: "RECEIPT_SETTLEMENT_MISMATCH",
        when: "the leaf is not under the root",
        receipt: () => ({ ...settledReceipt(), settlement: { ...settledReceipt().settlement, root: OTHER } }),
    },
    {
        code: "RECEIPT_SETTLEMENT_MISMATCH",
        when: "the log holds another root",
        receipt: () => settledReceipt(),
        chainState: (receipt) => ({ ...honest(receipt), batch: { ...batchOf(receipt), root: OTHER } }),
    },
    {
        code: "RECEIPT_SETTLEMENT_MISMATCH",
        when: "the log holds no batch with its sequence",
        receipt: () => settledReceipt(),
        chainState: (receipt) => ({ ...honest(receipt), batch: null }),
    },
    {
        code: "RECEIPT_SETTLEMENT_MISMATCH",
        when: "it names another log than the deployment's",
        receipt: () => settledReceipt(),
        chainState: (receipt) => ({ ...honest(receipt), batch: { ...batchOf(receipt), log: EXECUTOR } }),
    },
    {
        code: "RECEIPT_SETTLEMENT_MISMATCH",
        when: "the way to the root is longer than the tree is deep",
        receipt: () => settledReceipt(),
        chainState: (receipt) => ({ ...honest(receipt), batch: { ...batchOf(receipt), depth: 1 } }),
    },
    {
        code: "RECEIPT_SETTLEMENT_MISMATCH",
        when: "a hub's receipt is in a batch",
        receipt: () => ({ ...hubReceipt(), settlement: settledReceipt().settlement }),
    },
    {
        code: "RECEIPT_SETTLEMENT_MISMATCH",
        when: "a pull receipt was delivered",
        receipt: () => ({ ...pullReceipt(), settlement: { ...settledDelivery(), presentMask: 17 } }),
    },
    {
        code: "RECEIPT_SETTLEMENT_MISMATCH",
        when: "the delivery's mask is another",
        receipt: () => ({ ...hubReceipt(), settlement: { ...settledDelivery(), presentMask: 16 } }),
    },
];

function batchOf({ settlement }: Receipt) {
    if (settlement?.kind !== "batch") throw new Error("The fixture is settled in a batch.");
    return { log: settlement.log, root: settlement.root, depth: 2 };
}

function settledDelivery() {
    return { kind: "delivery", transaction: OTHER, blockNumber: 1, blockHash: OTHER };
}

/** A FLOAT version has no key. */
function floatModel(): ReturnType<typeof packedModel> {
    const changes = { vkHash: ZERO_BYTES32, setupKind: "none", semantics: "FLOAT" };
    const { verifyingKey, ...facts } = packedModel(changes).facts;
    return { ...packedModel(changes), facts };
}

export const chain: Refused[] = [
    {
        code: "RECEIPT_CHAIN_MISMATCH",
        when: "the node is on another chain",
        receipt: () => hubReceipt(),
        chainState: () => ({ chainId: 1 }),
    },
    {
        code: "RECEIPT_BLOCK_MISMATCH",
        when: "the block was reorganised away",
        receipt: () => hubReceipt(),
        chainState: (receipt) => ({
            ...honest(receipt),
            block: { number: 1234, hash: OTHER, timestamp: ISSUED_AT + 12 },
        }),
    },
    {
        code: "RECEIPT_MODEL_FACTS_MISMATCH",
        when: "the owner claims another setup",
        receipt: () => hubReceipt(),
        chainState: (receipt) => ({ ...honest(receipt), model: { ...receipt.registry.model, setupKind: "dev" } }),
    },
    {
        code: "RECEIPT_MODEL_FACTS_MISMATCH",
        when: "the receipt says broken and the chain does not",
        receipt: () => hubReceipt({ ...signed, registry: registryWith({ model: { broken: true } }) }),
        chainState: (receipt) => ({ ...honest(receipt), model: { ...receipt.registry.model, broken: false } }),
    },
    {
        code: "RECEIPT_EXECUTOR_FACTS_MISMATCH",
        when: "the stake was another",
        receipt: () => hubReceipt(),
        chainState: (receipt) => ({
            ...honest(receipt),
            executor: {
                signingKey: SIGNER,
                notBefore: 0,
                notAfter: ISSUED_AT + 86_400,
                state: "active",
                stakeWei: "1",
            },
        }),
    },
    {
        code: "RECEIPT_DELIVERY_MISMATCH",
        when: "the hub recorded another output",
        receipt: () => hubReceipt(),
        chainState: (receipt) => ({ ...honest(receipt), delivery }),
    },
    {
        code: "RECEIPT_DELIVERY_MISMATCH",
        when: "the hub recorded it in another transaction",
        receipt: () => ({
            ...hubReceipt(),
            settlement: { ...settledDelivery(), presentMask: 17, transaction: keccak256(Uint8Array.of(3)) },
        }),
        chainState: (receipt) => ({
            ...honest(receipt),
            delivery: { ...delivery, outputHash: receipt.statement.outputHash },
        }),
    },
];
