import { type Hex, toHex } from "@assay/protocol";
import { type Contracts, onChain } from "@assay/sdk";
import type { Provider } from "ethers";
import type { Batch } from "./batches.ts";

/** How far the log was at a block: all sequences below `next` are recorded. */
export type LogView = { block: number; next: number };

/** The receipt log as one executor sees it. */
export type LogChain = ReturnType<typeof createLogChain>;

type Deps = { provider: Provider; receipts: Contracts["receipts"]; address: Hex; executor: Hex };
type Sought = { batch: Batch; view: LogView };

/** Reads the receipt log; every answer is of a block that is named, so that answers can be put together. */
export function createLogChain(deps: Deps) {
    const { provider, receipts, address, executor } = deps;
    return {
        address,
        executor,

        /** Number of the newest block. */
        head: () => onChain(() => provider.getBlockNumber()),

        viewAt: (block: number): Promise<LogView> =>
            onChain(async () => ({
                block,
                next: Number(await receipts.nextSequence(executor, { blockTag: block })),
            })),

        /** Whether an account may post for the executor. */
        mayPost: async (poster: Hex) =>
            poster === executor || (await onChain(() => receipts.isPoster(executor, poster))),

        /** Number under which the log holds a batch; undefined if it holds another one, or none, at its sequences. */
        numberOf: (batch: Batch, view: LogView) => onChain(() => numberOf(deps, { batch, view })),

        /** The transaction that posted a batch; undefined if the endpoint has no log of it. */
        transactionOf: (batch: Batch, view: LogView) => onChain(() => transactionOf(deps, { batch, view })),

        /** Whether a transaction may still post its batch, or has. */
        isUnderWay: (hash: Hex): Promise<boolean> =>
            onChain(async () => {
                const mined = await provider.getTransactionReceipt(hash);
                if (mined !== null) return mined.status === 1;
                return (await provider.getTransaction(hash)) !== null;
            }),

        /** The call that posts a batch. */
        postingOf: ({ root, firstSequence, count, depth, data }: Batch): { to: Hex; data: Hex } => {
            const draft = { root, firstSequence, count, depth, data };
            return { to: address, data: toHex(receipts.interface.encodeFunctionData("post", [executor, draft])) };
        },
    };
}

/** Batches ascend by their first sequence. */
async function numberOf({ receipts, executor }: Deps, { batch, view }: Sought): Promise<number | undefined> {
    const at = { blockTag: view.block };
    let low = 0;
    let high = Number(await receipts.batchesOf(executor, at)) - 1;
    while (low <= high) {
        const middle = Math.floor((low + high) / 2);
        const found = await receipts.batchOf(executor, middle, at);
        const firstSequence = Number(found.firstSequence);
        if (firstSequence === batch.firstSequence) return toHex(found.root, 32) === batch.root ? middle : undefined;
        if (firstSequence < batch.firstSequence) low = middle + 1;
        else high = middle - 1;
    }
    return undefined;
}

async function transactionOf(
    { provider, receipts, address, executor }: Deps,
    { batch, view }: Sought,
): Promise<Hex | undefined> {
    const topics = receipts.interface.encodeFilterTopics("BatchPosted", [executor, null, batch.root]);
    const range = { fromBlock: batch.madeAtBlock, toBlock: view.block };
    const [event] = await provider.getLogs({ address, topics, ...range });
    return event === undefined ? undefined : toHex(event.transactionHash, 32);
}
