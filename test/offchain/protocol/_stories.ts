import { type ChainState, PRESETS, type Receipt, uintToHex } from "@assay/protocol";
import { boundModel, committedModel, packedModel } from "./_model.ts";
import { chainStateFor, failureReceipt, hubReceipt, pullReceipt } from "./_receipts.ts";

const delivered = {
    transaction: uintToHex(5n),
    blockNumber: 1234,
    blockHash: uintToHex(6n),
    presentMask: 0b10001,
};

/** What nobody can check without a chain: a receipt may say it otherwise, and the verdict says that it is a claim. */
export const BLOCK = ["registry.blockNumber", "registry.blockHash", "registry.blockTimestamp"];
export const KEY = ["registry.executor.notBefore", "registry.executor.notAfter"];
export const STAKE = ["registry.executor.stakeWei"];
export const OWNER_SAYS = ["registry.model.setupKind", "registry.model.transcriptHash"];

/** A receipt, and which of its leaves may be changed without anybody noticing. */
export interface Story {
    name: string;
    receipt: Receipt;
    /** Leaves that a receipt alone leaves open. */
    claimed: string[];
    chain: ChainState;
    /** Leaves that stay open even with a chain. */
    claimedWithChain: string[];
}

/** Receipts of hub and pull requests, and the leaves that they leave open. */
export function stories(): Story[] {
    const hub: Receipt = { ...hubReceipt(), settlement: { kind: "delivery", ...delivered } };
    const pull = pullReceipt({ model: packedModel(), policy: hubPolicy(hub) });
    const bound = hubReceipt({ model: boundModel() });
    const attested = hubReceipt({ policy: PRESETS.TEE, families: ["TEE"] });
    const secret = committedModel({ input: true, output: true });
    const opened = { ...hubReceipt({ model: secret }), ...secret.opening };
    const { resultCode, outputHash } = hub.statement;
    return [
        {
            name: "hub",
            receipt: hub,
            // The delivery's mask shows a development setup, so the setup's kind cannot be changed alone.
            claimed: [
                "registry.model.transcriptHash",
                ...BLOCK,
                ...KEY,
                ...STAKE,
                "settlement.transaction",
                "settlement.blockNumber",
                "settlement.blockHash",
            ],
            chain: { ...chainStateFor(hub), delivery: { resultCode, outputHash, ...delivered } },
            claimedWithChain: [],
        },
        {
            name: "hub, committed sides, opened",
            receipt: opened,
            claimed: [...OWNER_SAYS, ...BLOCK, ...KEY, ...STAKE],
            chain: chainStateFor(opened),
            claimedWithChain: [],
        },
        {
            name: "hub, bound model",
            receipt: bound,
            claimed: [...OWNER_SAYS, ...BLOCK, ...KEY, ...STAKE],
            chain: chainStateFor(bound),
            claimedWithChain: [],
        },
        {
            name: "hub, attested",
            receipt: attested,
            claimed: [
                ...OWNER_SAYS,
                "registry.model.broken",
                ...BLOCK,
                ...KEY,
                ...STAKE,
                "registry.executor.signingKey",
                "registry.executor.state",
                "registry.enclaves.0.registeredAt",
                "registry.enclaves.0.validUntil",
            ],
            chain: chainStateFor(attested),
            claimedWithChain: [],
        },
        {
            name: "pull",
            receipt: pull,
            claimed: [...OWNER_SAYS, ...BLOCK, ...KEY, ...STAKE, "request.policy", "request.signers.minStakeWei"],
            chain: { ...chainStateFor(pull), ask: askOf(pull) },
            claimedWithChain: [],
        },
        {
            name: "failure",
            receipt: failureReceipt(),
            claimed: [...OWNER_SAYS, "registry.model.broken", ...BLOCK, ...KEY, ...STAKE],
            chain: chainStateFor(failureReceipt()),
            claimedWithChain: [],
        },
    ];
}

function hubPolicy({ request }: Receipt): bigint {
    return "terms" in request ? BigInt(request.terms.policy) : BigInt(request.policy);
}

function askOf({ statement, request }: ReturnType<typeof pullReceipt>): NonNullable<ChainState["ask"]> {
    const { modelId, configHash, inputHash } = statement;
    const { executors, minStakeWei } = request.signers;
    return {
        modelId,
        configHash,
        inputHash,
        policy: BigInt(request.policy),
        executors,
        minStakeWei: BigInt(minStakeWei),
    };
}
