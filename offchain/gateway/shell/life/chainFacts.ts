import {
    type AttestationRecord,
    bytesToHex,
    decodeTee,
    type ExecutorFacts,
    type Hex,
    isTeeFamily,
    type ModelFacts,
    ProtocolError,
    toHex,
} from "@assay/protocol";
import {
    attestationRecordOf,
    type Contracts,
    contractsOf,
    type Deployment,
    enclaveFactsAt,
    KEY_STATE_FACT,
    onChain,
} from "@assay/sdk";
import type { Provider } from "ethers";
import type { Logger } from "pino";
import type { ServedConfig } from "../../core/config.ts";
import type { EvidenceItem } from "../journal/evidence.ts";
import type { Facts } from "../journal/inference.ts";

/** A block that was seen this long ago is still the newest one known; another is asked for beside the work. */
const FRESH_MS = 1_000;
/** One that was seen longer ago than this is not good enough to date anything by. */
const STALE_MS = 15_000;

/** One block, and its time in unix seconds. */
export type BlockFacts = { number: number; hash: Hex; timestamp: number };

/** What the life of inferences wants to know of the chain. */
export type ChainFacts = {
    /** The newest block seen; statements are dated by it. */
    newest: () => Promise<BlockFacts>;
    /** What the registries say in the newest block of a model, of the executor, and of the enclaves that made evidence. */
    facts: (about: { modelId: Hex; model: ModelFacts; items: readonly EvidenceItem[] }) => Promise<Facts>;
    /** Whether a version of a configuration is still the newest of its name in the newest block. */
    isInForce: (config: ServedConfig["record"]) => Promise<boolean>;
    /** The sequence that the log expects next: all below are given out for ever. */
    nextSequence: () => Promise<number>;
};

type Deps = { provider: Provider; deployment: Deployment; executor: Hex; log: Logger };

/** Reads from one node; what cannot change within a block is read once per block. */
export function createChainFacts(deps: Deps): ChainFacts {
    const { provider, deployment, executor: address } = deps;
    const { models, executors, receipts, configs } = contractsOf({ deployment, runner: provider });
    const newest = createNewest(deps);
    const documentOf = createDocuments(deps);

    const executorAt = perBlock((block) => readExecutor(executors, { address, block }));
    const brokenAt = perBlock(async (block, modelId: Hex) => {
        const record = await onChain(() => models.record(modelId, { blockTag: block.number }));
        return record.broken;
    });
    const versionsAt = perBlock((block, owner: Hex, name: string) =>
        onChain(() => configs.versionsOf(owner, name, { blockTag: block.number })),
    );

    return {
        newest,
        facts: async ({ modelId, model, items }) => {
            const block = await newest();
            const ids = items.filter(({ family }) => isTeeFamily(family)).map(enclaveIdOf);
            const at = { blockNumber: block.number, timestamp: block.timestamp };
            const [executor, broken, enclaves, attestation] = await Promise.all([
                executorAt(block),
                brokenAt(block, modelId),
                Promise.all(ids.map((enclaveId) => enclaveFactsAt(deps, { enclaveId, modelId, at }))),
                Promise.all(ids.map(documentOf)),
            ]);
            return {
                registry: {
                    blockNumber: block.number,
                    blockHash: block.hash,
                    blockTimestamp: block.timestamp,
                    model: { ...model, broken },
                    executor,
                    ...(enclaves.length === 0 ? {} : { enclaves }),
                },
                attestation: attestation.filter((document) => document !== undefined),
            };
        },
        isInForce: async ({ owner, name, version }) =>
            (await versionsAt(await newest(), owner, name)) === BigInt(version),
        nextSequence: async () => Number(await onChain(() => receipts.nextSequence(address))),
    };
}

async function readExecutor(
    executors: Contracts["executors"],
    { address, block }: { address: Hex; block: BlockFacts },
): Promise<ExecutorFacts> {
    const at = { blockTag: block.number };
    const [record, stakeWei] = await onChain(() =>
        Promise.all([executors.keyRecord(address, at), executors.stakeOf(address, at)]),
    );
    return {
        signingKey: toHex(record.key),
        notBefore: Number(record.notBefore),
        notAfter: Number(record.notAfter),
        state: KEY_STATE_FACT[Number(record.state)] ?? "none",
        stakeWei: stakeWei.toString(),
    };
}

/** An enclave is registered once: its document, once found, is not looked for again. */
function createDocuments(deps: Deps): (enclaveId: Hex) => Promise<AttestationRecord | undefined> {
    const documents = new Map<Hex, AttestationRecord>();
    return async (enclaveId) => {
        const document = documents.get(enclaveId) ?? (await attestationRecordOf(deps, { enclaveId }));
        if (document !== undefined) documents.set(enclaveId, document);
        return document;
    };
}

/** The newest block; nobody waits for a newer one than is good enough. */
function createNewest({ provider, log }: Deps): () => Promise<BlockFacts> {
    let seen: { block: BlockFacts; atMs: number } | undefined;
    let reading: Promise<BlockFacts> | undefined;
    const read = async (): Promise<BlockFacts> => {
        const block = await onChain(() => provider.getBlock("latest"));
        if (block?.hash == null) throw new ProtocolError({ code: "BLOCK_UNKNOWN", message: "The node has no block." });
        const { number, timestamp } = block;
        const found = { number, hash: toHex(block.hash), timestamp };
        seen = { block: found, atMs: performance.now() };
        return found;
    };
    const refresh = () => {
        reading ??= read().finally(() => {
            reading = undefined;
        });
        return reading;
    };
    return async () => {
        const ageMs = seen === undefined ? Number.POSITIVE_INFINITY : performance.now() - seen.atMs;
        if (seen === undefined || ageMs > STALE_MS) return refresh();
        if (ageMs > FRESH_MS) refresh().catch((error: unknown) => log.debug({ err: error }, "no newer block"));
        return seen.block;
    };
}

/** Remembers readings until another block is asked about. */
function perBlock<T, S extends readonly string[]>(
    read: (block: BlockFacts, ...subject: S) => Promise<T>,
): (block: BlockFacts, ...subject: S) => Promise<T> {
    let hash: Hex | undefined;
    const known = new Map<string, Promise<T>>();
    return (block, ...subject) => {
        if (block.hash !== hash) known.clear();
        hash = block.hash;
        const name = JSON.stringify(subject);
        const reading = known.get(name) ?? read(block, ...subject);
        known.set(name, reading);
        reading.catch(() => known.delete(name));
        return reading;
    };
}

function enclaveIdOf({ data }: EvidenceItem): Hex {
    return decodeTee(bytesToHex(data)).enclaveId;
}
