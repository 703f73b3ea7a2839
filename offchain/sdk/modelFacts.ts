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
import { findEvents } from "./_events.ts";
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
    uri: z.string(),
});

/** What the model registry says of one version: its content from the log, its key from the key's own code. */
export async function modelFacts(
    { provider, deployment }: { provider: Provider; deployment: Deployment },
    modelId: Hex,
): Promise<ModelFacts> {
    const { models } = contractsOf({ deployment, runner: provider });
    const record = await onChain(() => models.record(modelId));
    const { owner, spec, setup } = await registeredEvent({ provider, deployment }, modelId);
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
        broken: record.broken,
        ...(key === undefined ? {} : { verifyingKey: key }),
    };
}

async function registeredEvent(
    { provider, deployment }: { provider: Provider; deployment: Deployment },
    modelId: Hex,
): Promise<z.output<typeof registered>> {
    const [found] = await findEvents(
        { provider },
        {
            abi: modelRegistryAbi,
            names: ["ModelRegistered"],
            address: deployment.contracts.ModelRegistry,
            topics: [null, modelId],
            fromBlock: deployment.blockNumber,
            toBlock: await provider.getBlockNumber(),
        },
    );
    if (found !== undefined) return registered.parse(found.values);
    throw new ProtocolError({ code: "MODEL_LOG_MISSING", message: `No log says how ${modelId} was registered.` });
}

/** The bytes behind a key pointer: its code after the STOP that keeps it from running. */
async function storedKey({ provider }: { provider: Provider }, pointer: string): Promise<Hex> {
    return bytesToHex(hexToBytes(await onChain(() => provider.getCode(pointer))).subarray(1));
}

function nameOf(table: Record<string, number>, value: bigint): string {
    return Object.entries(table).find(([, number]) => BigInt(number) === value)?.[0] ?? "unknown";
}
