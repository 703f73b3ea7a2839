import { createHttpRpc } from "@assay/executor/chain";
import { type Database, migrate, openMemory } from "@assay/executor/journal";
import { type Hex, keccak256, toHex, uintToHex } from "@assay/protocol";
import { contractsOf } from "@assay/sdk";
import { JsonRpcProvider, Network } from "ethers";
import type { Inclusion, Settlement } from "../../../offchain/gateway/core/settlement.ts";
import { createNode } from "../../../offchain/gateway/shell/chain/node.ts";
import { LIFE_MIGRATIONS } from "../../../offchain/gateway/shell/journal/migrations.ts";
import { createRelayer, type Relayer } from "../../../offchain/gateway/shell/relayer.ts";
import { SETTLEMENT_MIGRATIONS } from "../../../offchain/gateway/shell/settlement/migrations.ts";
import { createSettlement, type SettlementParts } from "../../../offchain/gateway/shell/settlement/settlement.ts";
import { DEV_KEYS, startChain } from "../cli/_chain.ts";
import { createTestLog } from "../executor/_log.ts";

/** Triggers of which only the first can be met within a test. */
export const BY_COUNT = { mostReceipts: 4, ageMs: 3_600_000, idleMs: 3_600_000 };

/** A settlement that runs, and what it says of itself. */
export type Running = Settlement &
    Pick<ReturnType<typeof createTestLog>, "lines" | "seen"> & { settled: (next: number) => Promise<void> };

/** One journal on a chain of its own; each executor of it posts through the same relayer. */
export async function createSettlementWorld() {
    const chain = await startChain();
    const { world, rpcUrl } = chain;
    const { deployment } = world;
    const provider = new JsonRpcProvider(rpcUrl, Network.from(31337), { staticNetwork: true, cacheTimeout: -1 });
    const receipts = contractsOf({ deployment, runner: provider }).receipts;
    const address = deployment.contracts.ReceiptLog;
    const database = await openMemory();
    await migrate({ database, migrations: [...LIFE_MIGRATIONS, ...SETTLEMENT_MIGRATIONS] });
    const relayerOf = () => {
        const node = createNode({ rpc: createHttpRpc({ url: rpcUrl }) });
        const { log } = createTestLog();
        return createRelayer({ node, key: DEV_KEYS.executor, chainId: 31337, maxFeePerGasWei: 10n ** 12n, log });
    };
    let relayer: Relayer = relayerOf();
    const running = new Set<Settlement>();
    let accounts = 3;

    return {
        chain,
        provider,
        receipts,
        address,
        database,
        relayer: () => relayer,
        /** As a process that starts again has it: it knows nothing of what was sent. */
        renewRelayer: async () => {
            await relayer.stop();
            relayer = relayerOf();
        },
        /** An executor that lets the relayer post, and an empty journal. */
        async anExecutor(): Promise<Hex> {
            const signer = (await world.ethers.getSigners())[accounts++];
            if (signer === undefined) throw new Error("The chain has no more accounts.");
            await contractsOf({ deployment, runner: signer }).receipts.setPoster(relayer.address, true);
            await database.query("TRUNCATE leaves, batches, batch_sends");
            return toHex(signer.address.toLowerCase(), 20);
        },
        /** Starts settling. */
        async settle(executor: Hex, given: Partial<SettlementParts> = {}): Promise<Running> {
            const { log, lines, seen } = createTestLog();
            const waiting = new Map<number, () => void>();
            const onSettled = (next: number) => {
                for (const [wanted, resolve] of waiting) if (wanted <= next) resolve();
            };
            const settlement = createSettlement({
                ...{ database, provider, receipts, address, executor, relayer, log, onSettled },
                ...{ triggers: BY_COUNT, confirmations: 0, pollMs: 20, gapPatienceMs: 0, crash: () => {} },
                ...given,
            });
            running.add(settlement);
            const settled = (next: number) =>
                new Promise<void>((resolve) => {
                    waiting.set(next, resolve);
                    onSettled(settlement.settledUpTo());
                });
            await settlement.start();
            return { ...settlement, lines, seen, settled };
        },
        /** All batches of an executor, as events tell. */
        async batchesOf(executor: Hex): Promise<{ first: number; count: number; root: Hex }[]> {
            const topics = receipts.interface.encodeFilterTopics("BatchPosted", [executor, null, null]);
            const logs = await provider.getLogs({ address, topics, fromBlock: 0 });
            return logs.map((log) => {
                const args = receipts.interface.parseLog(log)?.args;
                return { first: Number(args?.firstSequence), count: Number(args?.count), root: toHex(args?.root, 32) };
            });
        },
        /** Reverts unless the log holds it. */
        requireIncluded: (inclusion: Inclusion, entry: { digest: Hex; receiptHash: Hex }) =>
            receipts.requireIncluded({
                entry: { executor: inclusion.executor, sequence: inclusion.sequence, ...entry },
                batch: inclusion.batch,
                proof: inclusion.proof,
            }),
        async close(): Promise<void> {
            for (const settlement of running) await settlement.stop();
            await relayer.stop();
            provider.destroy();
            await database.close();
            await chain.close();
        },
    };
}

export type SettlementWorld = Awaited<ReturnType<typeof createSettlementWorld>>;

/** What the leaf of the n-th receipt stands for. */
export function anEntry(n: number): { digest: Hex; receiptHash: Hex } {
    const hash = (tag: number) => keccak256(Uint8Array.of(tag, n >> 8, n & 255));
    return { digest: hash(1), receiptHash: hash(2) };
}

/** The id of the n-th receipt. */
export const idOf = (n: number) => uintToHex(BigInt(n), 16).slice(2);

/** Journals the leaves of receipts. */
export async function addLeaves(database: Database, sequences: readonly number[]): Promise<void> {
    for (const sequence of sequences) {
        const { digest, receiptHash } = anEntry(sequence);
        const row = [sequence, idOf(sequence), digest, receiptHash];
        await database.query("INSERT INTO leaves (sequence, id, digest, receipt_hash) VALUES ($1, $2, $3, $4)", row);
    }
}

/** from, from + 1, … below to. */
export const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
