import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Hex, toHex } from "@assay/protocol";
import { contractsOf, type RequestWish, sendRequest, writeDeployment } from "@assay/sdk";
import { Transaction, Wallet } from "ethers";
import { network } from "hardhat";
import { createExecutor, type ExecutorParts, type SettingsInput } from "../../../offchain/executor/index.ts";
import type { Database } from "../../../offchain/executor/shell/journal/database.ts";
import { openMemory } from "../../../offchain/executor/shell/journal/pglite.ts";
import { DEV_KEYS } from "../cli/_chain.ts";
import { createWorld as createChainWorld } from "../sdk/_world.ts";
import { createTestLog } from "./_log.ts";
import { forgedEngines, INPUTS, writeForgedModel } from "./_model.ts";

/** An input that the model accepts. */
export const INPUT = Uint8Array.from({ length: INPUTS }, (_, i) => (i * 7) % 17);
const SEED = 3;

/** A node with everything deployed, one registered model whose proofs can be forged, and executors to serve it. */
export async function createWorld() {
    // First: it blocks for seconds, in which connections that are open already would be given up by one of their ends.
    const database = await openMemory();
    const server = await network.createServer("default", "127.0.0.1");
    const { address, port } = await server.listen();
    const rpcUrl = `http://${address}:${port}`;
    const connection = await network.create({ network: "localhost", override: { url: rpcUrl } });
    const chain = await createChainWorld(connection);
    const home = await mkdtemp(join(tmpdir(), "assay-executor-"));
    const deploymentFile = await writeDeployment({ root: home, deployment: chain.deployment });
    const [deployer] = await connection.ethers.getSigners();
    if (deployer === undefined) throw new Error("The node has no accounts.");
    const { models } = contractsOf({ deployment: chain.deployment, runner: deployer });
    /** Writes and registers a model. */
    const aModel = async ({ seed, ...shape }: { seed: number; inputs?: number; max?: number }) => {
        const written = await writeForgedModel({ dir: join(home, `model-${seed}`), seed, ...shape });
        await models.register(written.spec, written.setup, written.key, written.known, { uri: "", measurements: [] });
        return { ...written, modelId: written.modelIdFor(toHex(deployer.address)) };
    };
    const model = await aModel({ seed: SEED });
    const { modelId } = model;
    const operatorKey = toHex(DEV_KEYS.executor);
    const settings = {
        rpcUrl,
        deploymentFile,
        home,
        models: [model.dir],
        operatorKey,
        signingKey: toHex(chain.signingKey.privateKey),
        pollIntervalMs: 20,
    };
    const opened = new Set<{ stop: () => Promise<void> }>();

    return {
        ...chain,
        connection,
        rpcUrl,
        home,
        settings,
        aModel,
        model,
        modelId,
        /** The journal, which outlives its executors. */
        database,
        executorAddress: toHex(new Wallet(operatorKey).address),
        /** An executor with a log of its own; it is stopped with the world at the latest. */
        anExecutor(parts: Partial<Omit<ExecutorParts, "settings">> & { settings?: Partial<SettingsInput> } = {}) {
            const { log, lines, seen } = createTestLog();
            const executor = createExecutor({
                engines: forgedEngines([model]),
                log,
                database: async () => keptOpen(database),
                ...parts,
                settings: { ...settings, ...parts.settings },
            });
            opened.add(executor);
            return { ...executor, lines, seen };
        },
        /** Sends a request of the forged model to the hub. */
        async ask(wish: Partial<RequestWish> = {}) {
            const prepared = await chain.aRequest({ modelId, input: INPUT, ...wish });
            await sendRequest(chain.acting, prepared);
            return prepared;
        },
        /** A signed transaction, taken apart. */
        decode(raw: string) {
            const { hash, nonce, to, data, maxFeePerGas } = Transaction.from(raw);
            return { hash: toHex(hash ?? ""), nonce, to, data, maxFeePerGas: maxFeePerGas ?? 0n };
        },
        /** Wei that the hub owes the executor. */
        creditWei: () => chain.asExecutor.hub.creditOf(chain.executor.address, `0x${"00".repeat(20)}`),
        /** Everything the hub said of a request, by name and in order. */
        async hubEvents(requestId: Hex): Promise<{ name: string; args: Record<string, unknown> }[]> {
            const { hub } = chain.asExecutor;
            const address = await hub.getAddress();
            const logs = await chain.provider.getLogs({ address, topics: [null, requestId], fromBlock: 0 });
            return logs.flatMap((log) => {
                const found = hub.interface.parseLog(log);
                return found === null ? [] : [{ name: found.name, args: found.args.toObject() }];
            });
        },
        /** Stops all executors: two would share one journal. */
        async stopExecutors() {
            for (const executor of opened) await executor.stop();
            opened.clear();
        },
        async close() {
            for (const executor of opened) await executor.stop();
            await database.close();
            await connection.close();
            await server.close();
            await rm(home, { recursive: true });
        },
    };
}

export type World = Awaited<ReturnType<typeof createWorld>>;

/** The same database for one executor after the other. */
function keptOpen(database: Database): Database {
    return { ...database, close: async () => {} };
}
