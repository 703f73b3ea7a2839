import { contentHash, type Hex, type ModelSpec, modelIdOf } from "@assay/protocol";

/** How a model was registered: what its modelId commits to beyond what the enclave knows of it. A claim, until a modelId fits it. */
export type Registration = {
    owner: Hex;
    /** modelId of the version it was made from; zero = none. */
    derivedFrom: Hex;
    /** Of models that say nothing of their schema themselves. */
    schemaHash?: Hex | undefined;
    /** Of models that can be registered with and without one. */
    ioSpec?: bigint | undefined;
};

/** Whether a model that is registered like this is this version: the enclave hashes what it runs, nobody's word counts. */
export function isVersion({
    modelId,
    registration: { owner },
    spec,
}: {
    modelId: Hex;
    registration: Registration;
    spec: ModelSpec;
}): boolean {
    return modelIdOf({ owner, contentHash: contentHash(spec) }) === modelId;
}
