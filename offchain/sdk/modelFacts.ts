import {
    bytesToHex,
    type Hex,
    hexToBytes,
    type ModelFacts,
    ProtocolError,
    SEMANTICS,
    SETUP_KINDS,
    toHex,
    uintToHex,
    ZERO_ADDRESS,
} from "@assay/protocol";
import type { Provider } from "ethers";
import { z } from "zod";
import { type FoundEvent, findEvents, isBefore, type Moment } from "./_events.ts";
import { modelRegistryAbi } from "./abi.ts";
import { onChain } from "./chainFault.ts";
import { contractsOf } from "./contracts.ts";
import type { Deployment } from "./deployment.ts";

const hex = z.string().transform((text) => toHex(text));
const registered = z.object({
    owner: hex,
    spec: z.object({
        artifactDigest: hex,
        ioSpec: z.bigint(),
        schemaHash: hex,
        semantics: z.bigint(),
        vkHash: hex,
        derivedFrom: hex,
    }),
    setup: z.object({ kind: z.bigint(), transcriptHash: hex }),
});

type ChainDeps = { provider: Provider; deployment: Deployment };

/** What the registry said of one version at a moment: its content from the log, its key from the key's own code. */
export async function modelFactsAt(
    { provider, deployment }: ChainDeps,
    { modelId, at }: { modelId: Hex; at: Moment },
): Promise<ModelFacts> {
    const deps = { provider, deployment };
    const { models } = contractsOf({ deployment, runner: provider });
    const record = await onChain(() => models.record(modelId));
    const { owner, spec, setup } = await registeredEvent(deps, modelId);
    const key = record.keyPointer === ZERO_ADDRESS ? undefined : await storedKey({ provider }, record.keyPointer);
    return {
        owner,
        artifactDigest: spec.artifactDigest,
        ioSpec: uintToHex(spec.ioSpec),
        schemaHash: spec.schemaHash,
        semantics: nameOf(SEMANTICS, spec.semantics),
        vkHash: spec.vkHash,
        derivedFrom: spec.derivedFrom,
        setupKind: nameOf(SETUP_KINDS, setup.kind),
        transcriptHash: setup.transcriptHash,
        broken: record.broken && (await wasBroken(deps, { spec, at })),
        ...(key === undefined ? {} : { verifyingKey: key }),
    };
}

/** Whether the canary of this key is broken now. */
export async function isModelBroken({ provider, deployment }: ChainDeps, modelId: Hex): Promise<boolean> {
    const { models } = contractsOf({ deployment, runner: provider });
    return (await onChain(() => models.record(modelId))).broken;
}

async function registeredEvent(deps: ChainDeps, modelId: Hex): Promise<z.output<typeof registered>> {
    const [found] = await registryEvents(deps, { names: ["ModelRegistered"], topics: [null, modelId] });
    if (found !== undefined) return registered.parse(found.values);
    throw new ProtocolError({ code: "MODEL_LOG_MISSING", message: `No log says how ${modelId} was registered.` });
}

/** A key that is broken now was broken then, unless the claim came later. */
async function wasBroken(
    deps: ChainDeps,
    { spec, at }: { spec: { vkHash: Hex; ioSpec: bigint }; at: Moment },
): Promise<boolean> {
    const topics = [null, spec.vkHash, uintToHex(spec.ioSpec)];
    const found = await registryEvents(deps, { names: ["CanaryBroken"], topics });
    return found.some(({ place }) => isBefore({ place, at }));
}

async function registryEvents(
    { provider, deployment }: ChainDeps,
    { names, topics }: { names: readonly string[]; topics: (string | null)[] },
): Promise<FoundEvent[]> {
    const address = deployment.contracts.ModelRegistry;
    const range = { fromBlock: deployment.blockNumber, toBlock: await provider.getBlockNumber() };
    return findEvents({ provider }, { abi: modelRegistryAbi, names, address, topics, ...range });
}

/** The bytes behind a key pointer: its code after the STOP that keeps it from running. */
async function storedKey({ provider }: { provider: Provider }, pointer: string): Promise<Hex> {
    return bytesToHex(hexToBytes(await onChain(() => provider.getCode(pointer))).subarray(1));
}

function nameOf(table: Record<string, number>, value: bigint): string {
    return Object.entries(table).find(([, number]) => BigInt(number) === value)?.[0] ?? "unknown";
}
