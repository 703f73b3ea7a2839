import { FAMILIES, familyName, type Hex, isTeeFamily } from "@assay/protocol";
import { listEnclaves } from "@assay/sdk";
import type { OpenChain } from "./openChain.ts";

/** What the chain shows of the enclaves that would have to meet a clause. */
export type SeenEnclaves = {
    /** Families of which an executor that may answer has an enclave that is valid and may attest the model. */
    families: readonly string[];
    /** Families whose documents on this deployment are those of stand-ins. */
    simulated: readonly string[];
};

const TEE_FAMILIES = Object.values(FAMILIES).filter(isTeeFamily).map(familyName);

/** Whether a clause needs an enclave. */
export function needsEnclave({ families }: { families: readonly string[] }): boolean {
    return families.some((family) => TEE_FAMILIES.includes(family));
}

/**
 * The families that one of these executors could attest a model with now, as far as the chain shows it: not whether the
 * enclave is reachable, and nothing of executors that were not named.
 */
export async function seenEnclaves(
    { provider, deployment }: OpenChain,
    { modelId, executors }: { modelId: Hex; executors: readonly Hex[] },
): Promise<SeenEnclaves> {
    const listed = await Promise.all(executors.map((operator) => listEnclaves({ provider, deployment }, { operator })));
    const live = listed.flat().filter(({ valid, attests }) => valid && attests.includes(modelId));
    return { families: [...new Set(live.map(({ family }) => family))], simulated: deployment.SIMULATED ?? [] };
}
