import { bytesToHex, type Hex, modelIdOf, toHex } from "@assay/protocol";
import { onChain } from "./chainFault.ts";
import type { CompiledModelSpec } from "./compiledModel.ts";
import { contractsOf } from "./contracts.ts";
import { type ActingOn, mined, type Sent } from "./hub.ts";

/** Code that may attest a version, as the version's owner names it. */
export type NamedMeasurement = {
    /** FAMILIES.TEE_*. */
    family: number;
    /** measurementIdOf its registers. */
    measurementId: Hex;
};

/**
 * Registers a compiled model as a version owned by the signer; `bountyWei` is locked for whoever breaks its key, and
 * enclaves of the named `measurements` may attest it at once.
 * @example
 * const { modelId } = await registerModel(deps, { model: await readCompiledModel({ dir }) });
 */
export async function registerModel(
    deps: ActingOn,
    {
        model,
        uri = "",
        bountyWei = 0n,
        measurements = [],
    }: { model: CompiledModelSpec; uri?: string; bountyWei?: bigint; measurements?: readonly NamedMeasurement[] },
): Promise<Sent & { modelId: Hex }> {
    const { models } = contractsOf({ deployment: deps.deployment, runner: deps.signer });
    const { spec, setup, key, knownAnswer } = model;
    const modelId = modelIdOf({ owner: toHex(await deps.signer.getAddress()), contentHash: model.contentHash });
    return onChain(async () => {
        const overrides = { value: bountyWei };
        const publication = { uri, measurements: [...measurements] };
        const known = { ...knownAnswer, proof: [...knownAnswer.proof] };
        const response = await models.register(spec, setup, bytesToHex(key), known, publication, overrides);
        return { modelId, ...(await mined(deps, response)) };
    });
}
