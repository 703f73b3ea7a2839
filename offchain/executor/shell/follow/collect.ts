import { ProtocolError } from "@assay/protocol";
import { mayContain } from "../../core/bloom.ts";
import { rangesOf } from "../../core/ranges.ts";
import type { BlockRef } from "../../core/state.ts";
import type { Chain, Header, LogFilter, RawLog } from "../chain/chain.ts";
import { RpcRefusal } from "../chain/rpc.ts";

/** Blocks per query; most endpoints allow 2,000 or more, and one that does not is asked for less. */
const BLOCKS_PER_QUERY = 2_000;
/** Below this a refusal has another reason than the size of the query. */
const SMALLEST_QUERY_BLOCKS = 16;

/**
 * All logs of some filters in a range, in chain order. What is known of the blocks is held against them: a log in another
 * block than the known one of its number means that the endpoint mixes two chains (EXECUTOR_RPC_INCONSISTENT); a block
 * whose bloom filter shows our events but for which no log came is asked for again, by its hash.
 */
export async function collectLogs({
    chain,
    filters,
    from,
    to,
    headers,
    remembered,
    signal,
}: {
    chain: Chain;
    filters: readonly LogFilter[];
    from: number;
    to: number;
    /** Of the blocks that are new. */
    headers: readonly Header[];
    /** Of the blocks below them. */
    remembered: readonly BlockRef[];
    signal: AbortSignal;
}): Promise<{ logs: RawLog[]; suspects: Header[] }> {
    const logs: RawLog[] = [];
    for (const filter of filters) {
        for (const range of rangesOf({ from, to, size: BLOCKS_PER_QUERY })) {
            logs.push(...(await logsInHalves({ chain, filter, ...range, signal })));
        }
    }
    refuseStrangers({ logs, blocks: [...remembered, ...headers] });
    const silent = headers.filter((header) => isSilent({ header, filters, logs }));
    const suspects: Header[] = [];
    for (const header of silent) {
        const found = await logsOfBlock({ chain, filters, header, signal });
        if (found.length === 0) suspects.push(header);
        logs.push(...found);
    }
    return { logs: logs.sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex), suspects };
}

/** The logs of one block, by its hash: an answer for another block of the same number is impossible. */
export async function logsOfBlock({
    chain,
    filters,
    header,
    signal,
}: {
    chain: Chain;
    filters: readonly LogFilter[];
    header: { hash: Header["hash"] };
    signal: AbortSignal;
}): Promise<RawLog[]> {
    const logs: RawLog[] = [];
    for (const filter of filters) logs.push(...(await chain.logs({ filter, of: { blockHash: header.hash }, signal })));
    return logs;
}

async function logsInHalves(parts: {
    chain: Chain;
    filter: LogFilter;
    fromBlock: number;
    toBlock: number;
    signal: AbortSignal;
}): Promise<RawLog[]> {
    const { chain, filter, fromBlock, toBlock, signal } = parts;
    try {
        return await chain.logs({ filter, of: { fromBlock, toBlock }, signal });
    } catch (error) {
        if (!(error instanceof RpcRefusal) || toBlock - fromBlock < SMALLEST_QUERY_BLOCKS) throw error;
        const middle = Math.floor((fromBlock + toBlock) / 2);
        const earlier = await logsInHalves({ ...parts, toBlock: middle });
        return [...earlier, ...(await logsInHalves({ ...parts, fromBlock: middle + 1 }))];
    }
}

function refuseStrangers({ logs, blocks }: { logs: readonly RawLog[]; blocks: readonly BlockRef[] }): void {
    const known = new Map(blocks.map(({ number, hash }) => [number, hash]));
    const stranger = logs.find(({ blockNumber, blockHash }) => (known.get(blockNumber) ?? blockHash) !== blockHash);
    if (stranger === undefined) return;
    const message = `A log is in block ${stranger.blockNumber} ${stranger.blockHash}, the chain has another one.`;
    throw new ProtocolError({ code: "EXECUTOR_RPC_INCONSISTENT", message });
}

function isSilent({
    header,
    filters,
    logs,
}: {
    header: Header;
    filters: readonly LogFilter[];
    logs: readonly RawLog[];
}): boolean {
    if (logs.some(({ blockHash }) => blockHash === header.hash)) return false;
    return filters.some((filter) => mayContain({ bloom: header.logsBloom, ...filter }));
}
