import {
    type AttestationRecord,
    CLAIM_CLASSES,
    type EnclaveFacts,
    type Hex,
    type ModelFacts,
    toHex,
    ZERO_BYTES32,
} from "@assay/protocol";
import {
    attestationRecordOf,
    type Contracts,
    contractsOf,
    type Deployment,
    enclaveFactsAt,
    modelFactsAt,
} from "@assay/sdk";
import type { Chain } from "./chain.ts";
import { lendProvider, readerOf } from "./provider.ts";
import { revertOf } from "./revert.ts";
import type { Rpc } from "./rpc.ts";

/** What the registry holds of an executor's key and stake in one block. */
export type ExecutorRecord = {
    signingKey: Hex;
    notBefore: bigint;
    notAfter: bigint;
    state: number;
    stakeWei: bigint;
};

/** What the registries say, in the newest block or in a given one. */
export type Registries = ReturnType<typeof createRegistries>;

type AttestedQuestion = {
    enclaveId: Hex;
    modelId: Hex;
    at: { blockNumber: number; timestamp: number };
    signal: AbortSignal;
};
type Attested = { facts: EnclaveFacts; attestation: AttestationRecord | undefined };
type EnclaveQuestion = { enclaveId: Hex; family: number; operator: Hex; modelId: Hex };

type EnclaveKey = { signer: Hex; fault?: never } | { signer?: never; fault: string };

type At = { at?: "latest" | { blockHash: Hex }; signal: AbortSignal };

/** Reads ModelRegistry, ExecutorRegistry and TeeRegistry. What never changes of a model or an enclave is read once. */
export function createRegistries({
    rpc,
    chain,
    deployment,
    reader,
}: {
    rpc: Rpc;
    chain: Chain;
    deployment: Deployment;
    /** Account the calls come from. */
    reader: Hex;
}) {
    const facts = new Map<Hex, ModelFacts>();
    const documents = new Map<Hex, AttestationRecord>();
    const contracts = ({ at = "latest", signal }: At): Contracts =>
        contractsOf({ deployment, runner: readerOf({ chain, from: reader, at, signal }) });

    return {
        /** Key, ioSpec and whether its canary is broken; undefined for a version that is not registered. */
        record: async ({ modelId, ...at }: { modelId: Hex } & At) => {
            try {
                const { vkHash, ioSpec, broken, keyPointer } = await contracts(at).models.record(modelId);
                return { vkHash: toHex(vkHash), ioSpec, broken, keyPointer: toHex(keyPointer) };
            } catch (error) {
                if (revertOf(error)?.error === "UnknownModel") return undefined;
                throw error;
            }
        },

        /** Everything the registry knows of a version; only `broken` can change, and is as of the first reading. */
        modelFacts: async ({ modelId, signal }: { modelId: Hex; signal: AbortSignal }): Promise<ModelFacts> => {
            const known = facts.get(modelId);
            if (known !== undefined) return known;
            const at = { blockNumber: await chain.number({ signal }) };
            const lent = { rpc, chainId: deployment.chainId, signal };
            const read = await lendProvider(lent, (provider) =>
                modelFactsAt({ provider, deployment }, { modelId, at }),
            );
            facts.set(modelId, read);
            return read;
        },

        /** What the registries said of an enclave at the end of a block, and the document it was registered by. */
        attested: async ({ enclaveId, modelId, at, signal }: AttestedQuestion): Promise<Attested> => {
            const lent = { rpc, chainId: deployment.chainId, signal };
            return lendProvider(lent, async (provider) => {
                const deps = { provider, deployment };
                const facts = await enclaveFactsAt(deps, { enclaveId, modelId, at });
                const attestation = documents.get(enclaveId) ?? (await attestationRecordOf(deps, { enclaveId }));
                if (attestation !== undefined) documents.set(enclaveId, attestation);
                return { facts, attestation };
            });
        },

        executor: async ({ executor, ...at }: { executor: Hex } & At): Promise<ExecutorRecord> => {
            const { executors } = contracts(at);
            const { key, notBefore, notAfter, state } = await executors.keyRecord(executor);
            const stakeWei = await executors.stakeOf(executor);
            return { signingKey: toHex(key), notBefore, notAfter, state: Number(state), stakeWei };
        },

        /** The enclave that a key was registered for, whatever it is worth now; undefined for none. */
        enclaveOf: async ({ signer, ...at }: { signer: Hex } & At): Promise<Hex | undefined> => {
            const enclaveId = toHex(await contracts(at).enclaves.enclaveOf(signer));
            return enclaveId === ZERO_BYTES32 ? undefined : enclaveId;
        },

        /** The key of an enclave, if it may attest a model version now: valid, of this operator, COMPUTE, and named; or why not. */
        enclaveKey: async ({
            enclaveId,
            family,
            operator,
            modelId,
            ...at
        }: EnclaveQuestion & At): Promise<EnclaveKey> => {
            const { enclaves, models } = contracts(at);
            try {
                const { signer, measurementId, claimClass } = await enclaves.keyOf(enclaveId, family, operator);
                if (Number(claimClass) !== CLAIM_CLASSES.COMPUTE) return { fault: "it forwards, and runs no model" };
                if (await models.mayAttest(modelId, family, measurementId)) return { signer: toHex(signer) };
                return { fault: `its code ${measurementId} is not named for the model, or not yet` };
            } catch (error) {
                // Whatever speaks against it, it cannot be used now.
                const revert = revertOf(error);
                if (revert === undefined) throw error;
                return { fault: `not valid now (${revert.error})` };
            }
        },
    };
}

/** Whether a key is the executor's valid one at a time (unix seconds). */
export function isValidKey({ record, key, at }: { record: ExecutorRecord; key: Hex; at: bigint }): boolean {
    const active = 1;
    return (
        record.state === active &&
        record.signingKey === key.toLowerCase() &&
        record.notBefore <= at &&
        at <= record.notAfter
    );
}
