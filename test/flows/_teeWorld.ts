/** A node with everything deployed for development, SIMULATED enclaves of two vendors, and a model that both may attest. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
    createEnclave,
    createEnclaveClient,
    type EnclaveClient,
    type EnclaveSettingsInput,
    registerEnclave,
} from "@assay/enclave";
import { type Hex, PRESETS, toHex, ZERO_ADDRESS } from "@assay/protocol";
import {
    type ActingOn,
    buildRequest,
    contractsOf,
    type NamedMeasurement,
    type RequestWish,
    sendRequest,
} from "@assay/sdk";
import { expect } from "chai";
import { id, Wallet } from "ethers";
import { config, network } from "hardhat";
import { journalOf } from "../../ignition/journal.ts";
import { createExecutor, type ExecutorParts, type SettingsInput } from "../../offchain/executor/index.ts";
import type { Database } from "../../offchain/executor/shell/journal/database.ts";
import { openMemory } from "../../offchain/executor/shell/journal/pglite.ts";
import { deployAssay } from "../../scripts/deploy/deployAssay.ts";
import { DEV_KEYS } from "../offchain/cli/_chain.ts";
import { aPackage, forgedEngines as enclaveEngines } from "../offchain/enclave/_world.ts";
import { createTestLog } from "../offchain/executor/_log.ts";
import { forgedEngines, INPUTS, type WrittenModel, writeForgedModel } from "../offchain/executor/_model.ts";

/** 64 pixels that the model accepts. */
export const INPUT = Uint8Array.from({ length: INPUTS }, (_, i) => (i * 7) % 17);
const FOREVER = 2n ** 40n - 1n;
const HOUR_SECONDS = 3_600n;
/** Covers every delivery and callback of these stories. */
export const FEE_WEI = 10n ** 15n;

const ENDS = ["finished", "refused", "closed"];

/** Everything that the stories about TEE evidence need; `close` ends it. */
export async function createTeeWorld() {
    // First: it blocks for seconds, in which connections that are open already would be given up by one of their ends.
    const database = await openMemory();
    const server = await network.createServer("default", "127.0.0.1");
    const { address, port } = await server.listen();
    const rpcUrl = `http://${address}:${port}`;
    const connection = await network.create({ network: "localhost", override: { url: rpcUrl } });
    const { ethers, networkHelpers } = connection;
    const home = await mkdtemp(join(tmpdir(), "assay-tee-"));
    const [owner, requester, operator, stranger] = await ethers.getSigners();
    if (!owner || !requester || !operator || !stranger) throw new Error("The node has too few accounts.");
    const { deployment, file: deploymentFile } = await deployAssay({ connection, root: home });
    const { folder } = await journalOf({ connection, chainId: deployment.chainId, ignitionDir: config.paths.ignition });
    const { provider } = ethers;
    const chain = { deployment, provider };
    const asOwner = contractsOf({ deployment, runner: owner });
    const asOperator = contractsOf({ deployment, runner: operator });
    const signingKey = new Wallet(id("signing key"));
    await asOperator.executors.setKey(signingKey.address, 0, FOREVER);

    const model = await writeForgedModel({ dir: join(home, "model"), seed: 3 });
    /** Registers a model that was written here; code of the `measurements` may attest it at once. */
    const registerModel = async (
        { spec, setup, key, known, modelIdFor }: WrittenModel,
        measurements: NamedMeasurement[],
    ): Promise<Hex> => {
        await asOwner.models.register(spec, setup, key, known, { uri: "", measurements });
        return modelIdFor(toHex(owner.address));
    };
    const program = await aPackage(home);
    let now = await networkHelpers.time.latest();
    const open: { stop: () => Promise<void> }[] = [];

    /** Starts an enclave of the model. */
    const startEnclave = async (settings: Partial<EnclaveSettingsInput> = {}) => {
        const enclave = createEnclave({
            settings: {
                port: 0,
                form: "nitro",
                provider: { name: "dev" },
                ...(settings.upstream === undefined ? { models: [model.dir] } : {}),
                ...settings,
            },
            engines: enclaveEngines(),
            packages: [program],
            env: {},
            execArgv: [],
            now: () => now,
        });
        open.push(enclave);
        const { url } = await enclave.start();
        return { url, client: createEnclaveClient({ url }), stop: enclave.stop };
    };
    /** Registers an enclave for the executor: again for a new key. */
    const register = async ({ client }: { client: EnclaveClient }, heartbeatSeconds = 0) => {
        now = await networkHelpers.time.latest();
        return registerEnclave({ ...chain, signer: operator }, { client, heartbeatSeconds });
    };
    const registered = async (form: "nitro" | "tdx") => {
        const enclave = await startEnclave({ form });
        return { ...enclave, ...(await register(enclave)) };
    };

    const nitro = await registered("nitro");
    const tdx = await registered("tdx");
    const measurements = [nitro, tdx].map(({ family, measurementId }) => ({ family, measurementId }));
    const modelId = await registerModel(model, measurements);
    const settings = {
        rpcUrl,
        deploymentFile,
        home,
        models: [model.dir],
        enclaves: [nitro.url, tdx.url],
        operatorKey: toHex(DEV_KEYS.executor),
        signingKey: toHex(signingKey.privateKey),
        pollIntervalMs: 20,
    };
    const executors = new Set<{ stop: () => Promise<void> }>();
    const acting: ActingOn = { ...chain, signer: requester };
    const executorAddress = toHex(operator.address);

    return {
        ...chain,
        ...{ connection, ethers, networkHelpers, rpcUrl, home, database, deploymentFile },
        ...{ owner, requester, operator, stranger, acting, asOwner, asOperator },
        ...{ model, modelId, nitro, tdx, settings, executorAddress, startEnclave, register },
        /** A further model, which only `measurements` may attest. */
        async aModel({
            seed,
            measurements = [],
            ...shape
        }: {
            seed: number;
            inputs?: number;
            max?: number;
            measurements?: NamedMeasurement[];
        }) {
            const written = await writeForgedModel({ dir: join(home, `model-${seed}`), seed, ...shape });
            return { ...written, modelId: await registerModel(written, measurements) };
        },
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
            executors.add(executor);
            /** The line that says how a request ended here. */
            const ended = (requestId: Hex) =>
                seen((line) => line.requestId === requestId && ENDS.includes(line.stage ?? ""));
            /** Waits until a receipt is kept; any other end is a failure of the test. */
            const finished = async (requestId: Hex) => {
                const { stage, code, detail } = await ended(requestId);
                expect(stage, `${code}: ${detail}`).to.equal("finished");
            };
            return { ...executor, lines, seen, ended, finished };
        },
        /** Sends a request for the model to the hub, which names the executor unless told. */
        async ask(wish: Partial<RequestWish> = {}) {
            const deadline = BigInt(await networkHelpers.time.latest()) + HOUR_SECONDS;
            const { contracts, chainId } = deployment;
            const common = { modelId, input: INPUT, policy: PRESETS.TEE, executors: [executorAddress], deadline };
            const from = { chainId, hub: contracts.InferenceHub, requester: toHex(requester.address) };
            const prepared = buildRequest(from, { ...common, feeWei: FEE_WEI, ...wish });
            await sendRequest(acting, prepared);
            return prepared;
        },
        /** Wei that the hub owes the executor. */
        creditWei: () => asOperator.hub.creditOf(executorAddress, ZERO_ADDRESS),
        /** Everything the hub said of a request, by name and in order. */
        async hubEvents(requestId: Hex): Promise<{ name: string; args: Record<string, unknown> }[]> {
            const { hub } = asOperator;
            const at = deployment.contracts.InferenceHub;
            const logs = await provider.getLogs({ address: at, topics: [null, requestId], fromBlock: 0 });
            return logs.flatMap((log) => {
                const found = hub.interface.parseLog(log);
                return found === null ? [] : [{ name: found.name, args: found.args.toObject() }];
            });
        },
        /** Stops all executors: two would share one journal. */
        async stopExecutors() {
            for (const executor of executors) await executor.stop();
            executors.clear();
        },
        async close() {
            for (const service of [...executors, ...open]) await service.stop();
            await database.close();
            await connection.close();
            await server.close();
            for (const left of [home, folder ?? home]) await rm(left, { recursive: true, force: true });
        },
    };
}

export type TeeWorld = Awaited<ReturnType<typeof createTeeWorld>>;

/** The same database for one executor after the other. */
function keptOpen(database: Database): Database {
    return { ...database, close: async () => {} };
}
