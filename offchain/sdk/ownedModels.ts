import { type Hex, type ModelSpec, toHex } from "@assay/protocol";
import { type Provider, zeroPadValue } from "ethers";
import { z } from "zod";
import { findEvents } from "./_events.ts";
import { modelRegistryAbi } from "./abi.ts";
import { onChain } from "./chainFault.ts";
import type { Deployment } from "./deployment.ts";

const hex = z.string().transform((text) => toHex(text));
const registered = z.object({
    modelId: hex,
    spec: z.object({
        artifactDigest: hex,
        ioSpec: z.bigint(),
        schemaHash: hex,
        semantics: z.bigint(),
        vkHash: hex,
        derivedFrom: hex,
    }),
});

/** A registered version: its id and its whole content. */
export type OwnedModel = { modelId: Hex; spec: ModelSpec };

/**
 * All versions that an account registered, in the order in which it did.
 * @example
 * const versions = await ownedModels({ provider, deployment }, { owner: requester });
 */
export async function ownedModels(
    { provider, deployment }: { provider: Provider; deployment: Deployment },
    { owner }: { owner: Hex },
): Promise<OwnedModel[]> {
    const address = deployment.contracts.ModelRegistry;
    const found = await onChain(async () => {
        const range = { fromBlock: deployment.blockNumber, toBlock: await provider.getBlockNumber() };
        const query = {
            abi: modelRegistryAbi,
            names: ["ModelRegistered"],
            address,
            topics: [null, null, ownerTopic(owner)],
        };
        return findEvents({ provider }, { ...query, ...range });
    });
    return found.map(({ values }) => registered.parse(values));
}

function ownerTopic(owner: Hex): string {
    return zeroPadValue(owner, 32);
}
