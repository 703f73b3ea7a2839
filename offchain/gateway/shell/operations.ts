import type { Database } from "@assay/executor/journal";
import { isProtocolError } from "@assay/protocol";
import { onChain } from "@assay/sdk";
import { formatEther, type Provider } from "ethers";
import type { Logger } from "pino";
import { z } from "zod";

/** What an operator has to watch; each is NaN while nobody can say it. */
export type Operations = {
    /** Signed receipts that no batch of the log is known to hold. */
    receiptsWaiting: () => Promise<number>;
    /** Inferences that were paid for, and are still to be paid back. */
    refundsOpen: () => Promise<number>;
    /** Native tokens, not their smallest unit, that pay for the relayer's transactions. */
    relayerBalance: () => Promise<number>;
    /** Whether the journal answers: nothing is served without it. */
    isJournalling: () => Promise<boolean>;
};

/** However often somebody asks, journal and node are asked no more often. */
const JOURNAL_AGE_MS = 2_000;
const NODE_AGE_MS = 30_000;

const WAITING = `SELECT count(*) AS total FROM leaves WHERE sequence >=
    (SELECT coalesce(max(first_sequence + leaf_count), 0) FROM batches WHERE batch IS NOT NULL)`;
const REFUNDS = "SELECT count(*) AS total FROM inferences WHERE stage = 'refunding'";
const totals = z.tuple([z.object({ total: z.coerce.number() })]);

/** Reads them from the journal and from a node. `now` in milliseconds. */
export function createOperations({
    database,
    provider,
    relayer,
    log,
    now = Date.now,
}: {
    database: Pick<Database, "query">;
    provider: Pick<Provider, "getBalance">;
    relayer: string;
    log: Pick<Logger, "warn">;
    now?: () => number;
}): Operations {
    const total = async (sql: string) => totals.parse(await database.query(sql))[0].total;
    const balance = async () => Number(formatEther(await onChain(() => provider.getBalance(relayer))));
    const answers = () =>
        database.query("SELECT 1").then(
            () => true,
            () => false,
        );
    const kept = (read: () => Promise<number>, ageMs: number) => remembered({ read: orNaN(read), ageMs, now });
    return {
        receiptsWaiting: kept(() => total(WAITING), JOURNAL_AGE_MS),
        refundsOpen: kept(() => total(REFUNDS), JOURNAL_AGE_MS),
        relayerBalance: kept(balance, NODE_AGE_MS),
        isJournalling: remembered({ read: answers, ageMs: JOURNAL_AGE_MS, now }),
    };

    /** One figure that is missing takes no other with it, and is not taken for zero. */
    function orNaN(read: () => Promise<number>): () => Promise<number> {
        return () =>
            read().catch((error: unknown) => {
                // What a node's client throws quotes its URL, which may hold a key.
                log.warn({ code: codeOf(error) }, "a figure for /metrics cannot be read");
                return Number.NaN;
            });
    }
}

function codeOf(error: unknown): string {
    return isProtocolError(error) ? error.code : "UNEXPECTED";
}

type Reading<T> = { read: () => Promise<T>; ageMs: number; now: () => number };

/** Those who ask at the same time share one reading. */
function remembered<T>({ read, ageMs, now }: Reading<T>): () => Promise<T> {
    let last: { at: number; value: Promise<T> } | undefined;
    return () => {
        if (last === undefined || now() - last.at >= ageMs) last = { at: now(), value: read() };
        return last.value;
    };
}
