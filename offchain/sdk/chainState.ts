import {
    type ChainState,
    type EnclaveFacts,
    type ExecutorFacts,
    hexToBytes,
    keccak256,
    ProtocolError,
    type Receipt,
    toHex,
} from "@assay/protocol";
import type { Provider } from "ethers";
import { z } from "zod";
import { findEvents, type Moment } from "./_events.ts";
import { inferenceClientAbi } from "./abi.ts";
import { blockFacts } from "./blockFacts.ts";
import { onChain } from "./chainFault.ts";
import { contractsOf } from "./contracts.ts";
import type { Deployment } from "./deployment.ts";
import { enclaveFactsAt } from "./enclaveFacts.ts";
import { KEY_STATE_FACT } from "./enums.ts";
import { executorFactsAt } from "./executorFacts.ts";
import { gatewayFacts } from "./gatewayFacts.ts";
import { isModelBroken, modelFactsAt } from "./modelFacts.ts";
import { recordedAnswer } from "./requestLog.ts";

type ChainDeps = { provider: Provider; deployment: Deployment };

const hex = z.string().transform((text) => toHex(text));
const pullRequested = z.object({
    modelId: hex,
    configHash: hex,
    policy: z.bigint(),
    executors: z.array(hex),
    minStakeWei: z.bigint(),
    /** Of PullRequested. */
    input: hex.optional(),
    /** Of PrivatePullRequested: the commitment to the input. */
    inputHash: hex.optional(),
});

/**
 * Reads from the caller's own node everything that a receipt says of its chain, for `verifyReceipt`.
 * @example
 * const verdict = verifyReceipt({ receipt, chainState: await readChainState({ provider, deployment }, receipt) });
 */
export async function readChainState(deps: ChainDeps, receipt: Receipt): Promise<ChainState> {
    expectSameContracts(deps, receipt);
    return onChain(async () => {
        const { statement, registry } = receipt;
        const answer = receipt.origin === "hub" ? await recordedAnswer(deps, statement.requestId) : undefined;
        const at = momentOf({ blockNumber: registry.blockNumber, answer });
        const block = await blockFacts(deps, registry.blockNumber);
        return {
            chainId: deps.deployment.chainId,
            block,
            model: await modelFactsAt(deps, { modelId: statement.modelId, at }),
            executor: await executorFactsAt(deps, { executor: statement.executor, at }),
            enclaves: await enclavesAt(deps, { receipt, at: { ...at, timestamp: block.timestamp } }),
            latest: await readLatest(deps, receipt),
            ...(receipt.origin === "hub" ? { delivery: answer === undefined ? null : deliveryOf(answer) } : {}),
            ...(receipt.origin === "pull" ? await readAsk(deps, receipt) : {}),
            ...(receipt.origin === "gateway" ? await gatewayFacts(deps, receipt) : {}),
        };
    });
}

/** Registries of one deployment say nothing of what the gate of another one accepted. */
function expectSameContracts({ deployment }: ChainDeps, receipt: Receipt): void {
    const { EvidenceGate, InferenceHub } = deployment.contracts;
    const isSameHub = receipt.origin !== "hub" || receipt.request.hub === InferenceHub;
    if (receipt.chainId === deployment.chainId && receipt.gate === EvidenceGate && isSameHub) return;
    throw new ProtocolError({
        code: "RECEIPT_DEPLOYMENT_MISMATCH",
        message: `The receipt is of gate ${receipt.gate} on chain ${receipt.chainId}.`,
    });
}

type Answer = NonNullable<Awaited<ReturnType<typeof recordedAnswer>>>;

/** A receipt of a delivery's own block was read right before that delivery, others at the end of their block. */
function momentOf({ blockNumber, answer }: { blockNumber: number; answer: Answer | undefined }): Moment {
    return answer?.blockNumber === blockNumber ? { blockNumber, logIndex: answer.logIndex } : { blockNumber };
}

/** What became known since: the receipt's keys, and the canary of the model's key. */
async function readLatest(deps: ChainDeps, receipt: Receipt): Promise<NonNullable<ChainState["latest"]>> {
    const { statement, registry } = receipt;
    const { executors } = contractsOf({ deployment: deps.deployment, runner: deps.provider });
    const key = registry.executor?.signingKey;
    const state = key === undefined ? undefined : await executors.keyState(statement.executor, key);
    const keyState: ExecutorFacts["state"] | undefined =
        state === undefined ? undefined : KEY_STATE_FACT[Number(state)];
    const modelBroken = await isModelBroken(deps, statement.modelId);
    const { number: blockNumber, timestamp } = await blockFacts(deps, await deps.provider.getBlockNumber());
    const now = await enclavesAt(deps, { receipt, at: { blockNumber, timestamp } });
    const enclaves = Object.fromEntries(now.map(({ enclaveId, standing }) => [enclaveId, standing]));
    return { modelBroken, enclaves, ...(keyState === undefined ? {} : { keyState }) };
}

/** The records of the enclaves that a receipt names. */
async function enclavesAt(
    deps: ChainDeps,
    { receipt, at }: { receipt: Receipt; at: Moment & { timestamp: number } },
): Promise<EnclaveFacts[]> {
    const { modelId } = receipt.statement;
    const named = receipt.registry.enclaves ?? [];
    return Promise.all(named.map(({ enclaveId }) => enclaveFactsAt(deps, { enclaveId, modelId, at })));
}

function deliveryOf(answer: Answer): NonNullable<ChainState["delivery"]> {
    const { executor, resultCode, presentMask, outputHash, transactionHash, blockNumber, blockHash } = answer;
    return {
        executor,
        issuedAt: Number(answer.issuedAt),
        round: Number(answer.round),
        resultCode: Number(resultCode),
        presentMask: Number(presentMask),
        outputHash,
        transaction: transactionHash,
        blockNumber,
        blockHash,
    };
}

/** What the consumer of a pull request asked for; without its event the ask stays the receipt's word. */
async function readAsk(
    { provider, deployment }: ChainDeps,
    { statement, request }: Extract<Receipt, { origin: "pull" }>,
): Promise<Pick<ChainState, "ask">> {
    const query = {
        abi: inferenceClientAbi,
        names: ["PullRequested", "PrivatePullRequested"],
        address: request.consumer,
        topics: [null, statement.requestId],
        fromBlock: deployment.blockNumber,
        toBlock: await provider.getBlockNumber(),
    };
    const [found] = await findEvents({ provider }, query);
    if (found === undefined) return {};
    const { input = "0x", inputHash = keccak256(hexToBytes(input)), ...ask } = pullRequested.parse(found.values);
    return { ask: { ...ask, inputHash } };
}
