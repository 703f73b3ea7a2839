import { type Hex, toHex } from "@assay/protocol";
import { type Contracts, onChain } from "@assay/sdk";
import type { Provider } from "ethers";
import type { Batch } from "./batches.ts";

/** How far the log was at a block: all sequences below `next` are recorded. */
export type LogView = { block: number; next: number };

/** The receipt log as one executor sees it. */
export type LogChain = ReturnType<typeof createLogChain>;

/** Reads the receipt log; every answer is of a block that is named, so that answers can be put together. */
export function createLogChain({
    provider,
    receipts,
    address,
    executor,
}: {
    provider: Provider;
    receipts: Contracts["receipts"];
    address: Hex;
    executor: Hex;
}) {
    const batchAt = async (batch: number, { block }: LogView) => {
        const { root, firstSequence } = await receipts.batchOf(executor, batch, { blockTag: block });
        return { root: toHex(root, 32), firstSequence: Number(firstSequence) };
    };
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
        numberOf: ({ firstSequence, root }: Batch, view: LogView): Promise<number | undefined> =>
            onChain(async () => {
                // Batches ascend by their first sequence.
                let low = 0;
                let high = Number(await receipts.batchesOf(executor, { blockTag: view.block })) - 1;
                while (low <= high) {
                    const middle = Math.floor((low + high) / 2);
                    const found = await batchAt(middle, view);
                    if (found.firstSequence === firstSequence) return found.root === root ? middle : undefined;
                    if (found.firstSequence < firstSequence) low = middle + 1;
                    else high = middle - 1;
                }
                return undefined;
            }),

        /** The transaction that posted a batch; undefined if the endpoint has no log of it. */
        transactionOf: ({ root, madeAtBlock }: Batch, view: LogView): Promise<Hex | undefined> =>
            onChain(async () => {
                const topics = receipts.interface.encodeFilterTopics("BatchPosted", [executor, null, root]);
                const range = { fromBlock: madeAtBlock, toBlock: view.block };
                const [event] = await provider.getLogs({ address, topics, ...range });
                return event === undefined ? undefined : toHex(event.transactionHash, 32);
            }),

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
