import type { Log, Provider } from "ethers";

/** Nodes bound the blocks or results of one query; below this a refusal has another reason. */
const SMALLEST_RANGE_BLOCKS = 64;

export type LogQuery = {
    address: string;
    topics: (string | null)[];
    fromBlock: number;
    toBlock: number;
};

/** All logs of a query in chain order; a range the node refuses is asked for in halves. */
export async function findLogs({ provider }: { provider: Provider }, query: LogQuery): Promise<Log[]> {
    const { fromBlock, toBlock } = query;
    try {
        return await provider.getLogs(query);
    } catch (cause) {
        if (toBlock - fromBlock < SMALLEST_RANGE_BLOCKS) throw cause;
        const middle = fromBlock + Math.floor((toBlock - fromBlock) / 2);
        const earlier = await findLogs({ provider }, { ...query, toBlock: middle });
        return [...earlier, ...(await findLogs({ provider }, { ...query, fromBlock: middle + 1 }))];
    }
}
