import type { Hex } from "@assay/protocol";
import type { Logger } from "pino";
import type { BlockRef, Head } from "../../core/state.ts";
import type { Chain, Header, LogFilter, RawLog } from "../chain/chain.ts";
import type { Addresses } from "../chain/events.ts";
import type { CrashPoint } from "../crash.ts";
import { findHead, rememberBlock, rememberedBlocks, removeAbove, saveHead } from "../journal/chain.ts";
import type { Database } from "../journal/database.ts";
import { liveStates, statesForHead } from "../journal/requests.ts";
import type { Decisions } from "../work/decisions.ts";
import { collectLogs, logsOfBlock } from "./collect.ts";
import { findFork, linkedHeaders } from "./fork.ts";
import { tellLogs } from "./tell.ts";

/** Blocks whose hashes are remembered: deeper reorganisations than this are not expected on any chain we know. */
const REMEMBERED_BLOCKS = 128;
/** Blocks that are read again with every new one, for logs that an endpoint forgot the first time. */
const OVERLAP_BLOCKS = 12;
/** Polls in which a block is asked for again whose bloom filter promises a log; then the promise was a chance hit. */
const SUSPICION_POLLS = 4;
/** Polls for which a head below ours, but on our chain, is taken for an endpoint that lags behind. */
const LAG_POLLS = 3;

/** Keeps the journal level with the chain, one poll at a time. */
export type Follower = { poll: (parts: { signal: AbortSignal }) => Promise<Head> };

type Deps = { chain: Chain; database: Database; decisions: Decisions; crash: CrashPoint; log: Logger };
type Target = { addresses: Addresses; filters: readonly LogFilter[]; firstBlock: number };

/**
 * Follows a chain by block hash: every poll finds where the remembered chain parts from the present one, takes back what
 * was in removed blocks, reads the new blocks with some overlap, and decides, all in one transaction with the new head.
 */
export function createFollower(deps: Deps, target: Target): Follower {
    const suspects = new Map<Hex, { header: Header; pollsLeft: number }>();
    let lagged = 0;

    const poll = async ({ signal }: { signal: AbortSignal }): Promise<Head> => {
        const { chain, database } = deps;
        const latest = await latestHeader({ chain, signal });
        const known = await findHead(database);
        if (known?.hash === latest.hash) {
            await askAgain({ latest, signal });
            return known;
        }
        const remembered = await rememberedBlocks(database);
        const fork = known && (await findFork({ chain, remembered, latest, signal }));
        if (known !== undefined && fork?.number === latest.number && lagged < LAG_POLLS) {
            lagged += 1;
            return known;
        }
        lagged = 0;
        if (fork?.tooDeep) deps.log.error({ code: "EXECUTOR_REORG_TOO_DEEP", from: fork.number }, "reorganisation");
        const common = Math.max(fork?.number ?? -1, target.firstBlock - 1);
        const kept = remembered.filter(({ number }) => number <= common);
        await askAgain({ latest, signal });
        await catchUp({ common, latest, kept, signal });
        return latest;
    };

    const catchUp = async ({
        common,
        latest,
        kept,
        signal,
    }: {
        common: number;
        latest: Header;
        kept: readonly BlockRef[];
        signal: AbortSignal;
    }) => {
        const oldest = Math.max(common + 1, latest.number - REMEMBERED_BLOCKS + 1);
        const parent = kept.find(({ number }) => number === oldest - 1);
        const linked = { from: Math.min(oldest, latest.number), latest, parent };
        const headers = await linkedHeaders({ chain: deps.chain, ...linked, signal });
        const from = Math.max(target.firstBlock, common + 1 - OVERLAP_BLOCKS);
        const range = { from, to: latest.number, headers, remembered: kept };
        const found = await collectLogs({ chain: deps.chain, filters: target.filters, ...range, signal });
        for (const header of found.suspects) suspects.set(header.hash, { header, pollsLeft: SUSPICION_POLLS });
        deps.crash("ingest.before");
        await record({ common, headers, logs: found.logs, latest });
        deps.crash("ingest.journalled");
    };

    const askAgain = async ({ latest, signal }: { latest: Header; signal: AbortSignal }) => {
        for (const [hash, suspect] of suspects) {
            suspect.pollsLeft -= 1;
            const logs = await logsOfBlock({ ...deps, ...target, header: suspect.header, signal });
            if (suspect.pollsLeft <= 0 || logs.length > 0) suspects.delete(hash);
            if (logs.length > 0) await deps.decisions.run(tell({ logs, head: latest }));
        }
    };

    const tell = ({ logs, head }: { logs: readonly RawLog[]; head: Head }) =>
        tellLogs({ addresses: target.addresses, logs, head, log: deps.log });

    const record = ({
        common,
        headers,
        logs,
        latest,
    }: {
        common: number;
        headers: readonly Header[];
        logs: readonly RawLog[];
        latest: Header;
    }) =>
        deps.decisions.run(async ({ session, report }) => {
            for (const { kind, requestId } of await removeAbove(session, { number: common })) {
                await report({ requestId, event: { kind: kind === "settled" ? "unsettled" : "orphaned" } });
            }
            for (const header of headers) await rememberBlock(session, { ...header, keep: REMEMBERED_BLOCKS });
            await saveHead(session, latest);
            await tell({ logs, head: latest })({ session, report });
            for (const { requestId } of await statesForHead(session, { timestamp: latest.timestamp })) {
                await report({ requestId, event: { kind: "head", head: latest } });
            }
        });

    return { poll };
}

/** Reports every request that has something to do as resumed: after a start, nothing is under way. */
export async function resumeAll({ decisions }: { decisions: Decisions }): Promise<void> {
    await decisions.run(async ({ session, report }) => {
        for (const { requestId } of await liveStates(session)) await report({ requestId, event: { kind: "resumed" } });
    });
}

async function latestHeader({ chain, signal }: { chain: Chain; signal: AbortSignal }): Promise<Header> {
    const latest = await chain.header({ at: "latest", signal });
    if (latest === undefined) throw new Error("The endpoint has no newest block.");
    return latest;
}
