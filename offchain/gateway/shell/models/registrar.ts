import {
    bytesToHex,
    contentHash,
    type Hex,
    type ModelFacts,
    type ModelSpec,
    ProtocolError,
    toHex,
    ZERO_BYTES32,
} from "@assay/protocol";
import {
    type CompiledModelSpec,
    modelFactsAt,
    type NamedMeasurement,
    ownedModels,
    readCompiledModel,
    registerModel,
} from "@assay/sdk";
import type { ModelsDeps } from "./deps.ts";

/** A version as the registry has it. */
export type Registered = { modelId: Hex; facts: ModelFacts };

/** What is to be found in the registry, or put there. */
export type Version = {
    name: string;
    /** derivedFrom is not looked at: a version of the same content may be made from another one. */
    spec: ModelSpec;
    compiledDir: string | undefined;
};

/** Finds versions of the owner in the registry, and registers those that are missing where it may. */
export type Registrar = { find: (version: Version) => Promise<Registered> };

/**
 * Reads the owner's versions once. `find` throws GATEWAY_MODEL_UNREGISTERED for one that is not there and may not be
 * registered; measurements are named with those that it registers.
 */
export async function createRegistrar(
    { deployment, provider, signer, owner: given, registersMissing, log }: ModelsDeps,
    { measurements }: { measurements: readonly NamedMeasurement[] },
): Promise<Registrar> {
    const self = toHex(await signer.getAddress());
    const owner = given ?? self;
    const chain = { provider, deployment };
    const owned = new Map((await ownedModels(chain, { owner })).map(({ modelId, spec }) => [keyOf(spec), modelId]));
    const register = async (version: Version): Promise<Hex> => {
        if (!registersMissing || owner !== self) {
            const message = `${owner} has no version of "${version.name}" on chain ${deployment.chainId}.`;
            throw new ProtocolError({ code: "GATEWAY_MODEL_UNREGISTERED", message });
        }
        const model = await registrationOf(version);
        const { modelId } = await registerModel({ ...chain, signer }, { model, measurements });
        log.info({ model: version.name, modelId, measurements: measurements.length }, "model registered");
        return modelId;
    };
    return {
        find: async (version) => {
            const modelId = owned.get(keyOf(version.spec)) ?? (await register(version));
            owned.set(keyOf(version.spec), modelId);
            const at = { blockNumber: await provider.getBlockNumber() };
            return { modelId, facts: await modelFactsAt(chain, { modelId, at }) };
        },
    };
}

/** Names what a version is, whatever it was made from. */
function keyOf(spec: ModelSpec): Hex {
    return contentHash({ ...spec, derivedFrom: ZERO_BYTES32 });
}

/** What the registry wants to know: of a version without a key, no setup and no answer that a proof could show. */
async function registrationOf({ name, spec, compiledDir }: Version): Promise<CompiledModelSpec> {
    if (compiledDir !== undefined) return readCompiledModel({ dir: compiledDir });
    const nothing = bytesToHex(new Uint8Array());
    return {
        name,
        spec,
        contentHash: contentHash(spec),
        setup: { kind: 0, transcriptHash: ZERO_BYTES32 },
        key: new Uint8Array(),
        knownAnswer: { input: nothing, output: nothing, proof: [0n, 0n, 0n, 0n, 0n, 0n, 0n, 0n], c: 0n },
    };
}
