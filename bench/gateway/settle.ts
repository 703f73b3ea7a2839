import path from "node:path";
import { createHttpRpc } from "@assay/executor/chain";
import { type Database, migrate, openPglite } from "@assay/executor/journal";
import { rootOf } from "@assay/protocol";
import { contractsOf } from "@assay/sdk";
import { JsonRpcProvider, Network } from "ethers";
import { pino } from "pino";
import type { Inclusion } from "../../offchain/gateway/core/settlement.ts";
import { createNode } from "../../offchain/gateway/shell/chain/node.ts";
import { LIFE_MIGRATIONS } from "../../offchain/gateway/shell/journal/migrations.ts";
import { createRelayer } from "../../offchain/gateway/shell/relayer.ts";
import { SETTLEMENT_MIGRATIONS } from "../../offchain/gateway/shell/settlement/migrations.ts";
import { createSettlement } from "../../offchain/gateway/shell/settlement/settlement.ts";
import { addressOf, type BenchWorld, createBenchWorld } from "./world.ts";

const RECEIPTS = 100_000;
/** Proofs read at once. */
const PAGE = 5_000;
/** Leaves as their statements would have written them. */
const FILL = `INSERT INTO leaves (sequence, id, digest, receipt_hash)
    SELECT n, md5(n::text), '0x' || md5('d' || n) || md5('e' || n), '0x' || md5('r' || n) || md5('s' || n)
    FROM generate_series(0, $1::bigint - 1) AS n`;

/** From receipts that wait in the journal to one batch in the log, and a proof of each that is checked. */
export async function measureSettling() {
    const world = await createBenchWorld();
    const database = await openPglite({ directory: path.join(world.home, "journal") });
    try {
        await migrate({ database, migrations: [...LIFE_MIGRATIONS, ...SETTLEMENT_MIGRATIONS] });
        await database.query(FILL, [RECEIPTS]);
        return await settleAll(world, database);
    } finally {
        await database.close();
        await world.close();
    }
}

async function settleAll({ rpcUrl, deployment, relayer: wallet }: BenchWorld, database: Database) {
    const { chainId, contracts } = deployment;
    const provider = new JsonRpcProvider(rpcUrl, Network.from(chainId), { staticNetwork: true, cacheTimeout: -1 });
    const receipts = contractsOf({ deployment, runner: provider }).receipts;
    const log = pino({ level: "silent" });
    const relayer = createRelayer({
        ...{ chainId, log, maxFeePerGasWei: 10n ** 12n },
        node: createNode({ rpc: createHttpRpc({ url: rpcUrl }) }),
        key: wallet.privateKey as `0x${string}`,
    });
    const { promise: settled, resolve } = Promise.withResolvers<void>();
    const settlement = createSettlement({
        ...{ database, provider, receipts, relayer, log, address: contracts.ReceiptLog, executor: addressOf(wallet) },
        ...{ confirmations: 0, pollMs: 20, crash: () => {}, onSettled: () => resolve() },
        triggers: { mostReceipts: RECEIPTS, ageMs: 1_000, idleMs: 1_000 },
    });
    const startedAt = performance.now();
    const seconds = () => Math.round((performance.now() - startedAt) / 10) / 100;
    try {
        await settlement.start();
        await settled;
        const postedSeconds = seconds();
        let proofs = 0;
        for (let sequence = 0; sequence < RECEIPTS; sequence += PAGE) {
            const page = await settlement.proofsFrom({ sequence, most: PAGE });
            proofs += page.filter(leadsToRoot).length;
        }
        const batches = Number(await receipts.batchesOf(wallet.address));
        return { seconds: seconds(), postedSeconds, receipts: RECEIPTS, batches, proofs };
    } finally {
        await settlement.stop();
        await relayer.stop();
        provider.destroy();
    }
}

const leadsToRoot = (inclusion: Inclusion) => rootOf(inclusion) === inclusion.root;
