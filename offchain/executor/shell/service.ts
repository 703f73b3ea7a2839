import { toHex } from "@assay/protocol";
import { Wallet } from "ethers";
import type { Logger } from "pino";
import { type Bell, createBell } from "./bell.ts";
import { type Chain, createChain } from "./chain/chain.ts";
import { type Addresses, hubFilter, pullFilter } from "./chain/events.ts";
import { createHttpRpc, type Rpc } from "./chain/rpc.ts";
import { type CrashPoint, crashPointOf } from "./crash.ts";
import type { ExecutorParts } from "./executor.ts";
import { createFollower, resumeAll } from "./follow/follow.ts";
import { claimJournal, journalDirectory, readIdentity } from "./identity.ts";
import type { Database } from "./journal/database.ts";
import { migrate } from "./journal/migrate.ts";
import { MIGRATIONS } from "./journal/migrations.ts";
import { openPglite } from "./journal/pglite.ts";
import { createLog } from "./log.ts";
import { repeat } from "./loop.ts";
import { createResolver } from "./send/resolve.ts";
import { createTender } from "./send/tend.ts";
import { parseSettings, type Settings } from "./settings.ts";
import { createWorkshop } from "./workshop.ts";

type Opening = { parts: ExecutorParts; signal: AbortSignal; onDefect: (error: unknown) => void };

/** What everything else is made of. */
export type Base = Opening & {
    settings: Settings;
    rpc: Rpc;
    chain: Chain;
    operator: Wallet;
    addresses: Addresses;
    database: Database;
    crash: CrashPoint;
    bell: Bell;
    log: Logger;
};

/** An executor that runs. `end` waits for what is under way, and closes everything. */
export type Service = { end: () => Promise<void> };

/** Opens the journal of this executor on this chain, and starts to follow the chain. */
export async function openService(opening: Opening): Promise<Service> {
    const { parts, signal } = opening;
    const settings = await parseSettings(parts.settings);
    const rpc = parts.rpc ?? createHttpRpc({ url: settings.rpcUrl });
    const chain = createChain({ rpc });
    const operator = new Wallet(settings.operatorKey);
    const executor = toHex(operator.address);
    const identity = await readIdentity({ chain, settings, executor, signal });
    const { chainId, contracts } = settings.deployment;
    const addresses = { chainId, hub: contracts.InferenceHub, gate: contracts.EvidenceGate };
    const crash = parts.crash ?? crashPointOf({ crashAt: process.env.ASSAY_CRASH_AT });
    const log = (parts.log ?? createLog({ level: "info" })).child({ chainId, executor });
    const bell = createBell();
    const directory = journalDirectory({ home: settings.home, identity });
    const database = await (parts.database ?? openPglite)({ directory });
    try {
        await migrate({ database, migrations: MIGRATIONS });
        await claimJournal({ database, identity });
        const base = { ...opening, settings, rpc, chain, operator, addresses, database, crash, bell, log };
        return await follow(base);
    } catch (error) {
        await database.close();
        throw error;
    }
}

async function follow(base: Base): Promise<Service> {
    const { settings, chain, database, addresses, operator, crash, bell, log, signal } = base;
    const { maxFeePerGasWei, pullConsumers: consumers, pollIntervalMs, deployment } = settings;
    const workshop = await createWorkshop(base);
    const { decisions } = workshop;
    const filters = [hubFilter(addresses), ...(consumers.length > 0 ? [pullFilter({ consumers })] : [])];
    const target = { addresses, filters, firstBlock: deployment.hubFromBlock };
    const follower = createFollower({ chain, database, decisions, crash, log }, target);
    const resolve = createResolver({ chain, decisions, addresses, log });
    const { chainId } = addresses;
    const tend = createTender({ chain, chainId, database, operator, maxFeePerGasWei, resolve, crash, log });
    let resumed = false;

    const work = async () => {
        await follower.poll({ signal });
        // Only now: what the chain did meanwhile decides what is still to be done.
        if (!resumed) await resumeAll({ decisions });
        resumed = true;
        await tend({ signal });
    };
    const following = repeat({ work, bell, intervalMs: pollIntervalMs, log, signal });
    log.info({ models: workshop.models, families: settings.families }, "executor started");

    return {
        end: async () => {
            await following;
            await workshop.close();
            await database.close();
            log.info("executor stopped");
        },
    };
}
