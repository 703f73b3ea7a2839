import type { Logger } from "pino";
import type { Head } from "../../core/state.ts";
import type { Chain, MinedTransaction } from "../chain/chain.ts";
import { type Addresses, hubFilter } from "../chain/events.ts";
import { tellLogs } from "../follow/tell.ts";
import { type JournalledTransaction, type SpentNonce, spendNonce } from "../journal/transactions.ts";
import type { Decisions } from "../work/decisions.ts";

/** Polls in which a nonce is used up but none of our transactions is in a block, before a stranger's is blamed. */
const STRANGER_POLLS = 3;

/** Finds out what used up a nonce, and reports it. */
export type ResolveNonce = (parts: {
    transactions: readonly JournalledTransaction[];
    latest: Head;
    signal: AbortSignal;
}) => Promise<void>;

/** What used up a nonce is read from the chain: from receipts of our own transactions, and from nothing else. */
export function createResolver({
    chain,
    decisions,
    addresses,
    log,
}: {
    chain: Chain;
    decisions: Decisions;
    addresses: Addresses;
    log: Logger;
}): ResolveNonce {
    const unexplained = new Map<number, number>();

    return async ({ transactions, latest, signal }) => {
        const nonce = transactions[0]?.nonce ?? 0;
        const requestId = transactions.find((one) => one.requestId !== undefined)?.requestId;
        const mined = await findMined({ chain, transactions, signal });
        const polls = (unexplained.get(nonce) ?? 0) + 1;
        unexplained.set(nonce, polls);
        if (mined === undefined && polls < STRANGER_POLLS) return;
        unexplained.delete(nonce);
        if (mined === undefined) log.error({ nonce, requestId }, "a transaction that is not ours used up our nonce");

        const delivered = transactions.some(({ hash, requestId }) => hash === mined?.hash && requestId !== undefined);
        await decisions.run(async ({ session, report }) => {
            await spendNonce(session, spentBy({ nonce, mined, latest }));
            await tellLogs({ addresses, logs: ourLogs({ mined, addresses }), head: latest, log })({ session, report });
            if (requestId === undefined || (delivered && mined?.reverted === false)) return;
            const detail = `nonce ${nonce}, transaction ${mined?.hash ?? "of a stranger"}`;
            await report({ requestId, event: { kind: "spent", reverted: mined?.reverted ?? false, detail } });
        });
    };
}

async function findMined({
    chain,
    transactions,
    signal,
}: {
    chain: Chain;
    transactions: readonly JournalledTransaction[];
    signal: AbortSignal;
}): Promise<MinedTransaction | undefined> {
    for (const { hash } of transactions) {
        const mined = await chain.mined({ hash, signal });
        if (mined !== undefined) return mined;
    }
    return undefined;
}

function spentBy({
    nonce,
    mined,
    latest,
}: {
    nonce: number;
    mined: MinedTransaction | undefined;
    latest: Head;
}): SpentNonce {
    if (mined === undefined) return { nonce, txHash: undefined, reverted: false, block: latest };
    const block = { number: mined.blockNumber, hash: mined.blockHash };
    return { nonce, txHash: mined.hash, reverted: mined.reverted, block };
}

/** What the hub said in the transaction: the delivery is known even if the endpoint forgets its logs elsewhere. */
function ourLogs({ mined, addresses }: { mined: MinedTransaction | undefined; addresses: Addresses }) {
    const { topics } = hubFilter(addresses);
    return (mined?.logs ?? []).filter(({ address, topics: [topic] }) => {
        return address.toLowerCase() === addresses.hub.toLowerCase() && topic !== undefined && topics.includes(topic);
    });
}
