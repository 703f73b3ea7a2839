import { setTimeout as pause } from "node:timers/promises";
import { createEnclaveClient, createEnclaves } from "@assay/executor/enclaves";
import {
    bytesToHex,
    CLAIM_CLASSES,
    encodeTee,
    type Hex,
    hexToBytes,
    isProtocolError,
    toHex,
    ZERO_BYTES32,
} from "@assay/protocol";
import { ContractRevert, contractsOf, type NamedMeasurement, onChain } from "@assay/sdk";
import type { EvidenceQuestion } from "../../core/model.ts";
import type { ModelsDeps } from "./deps.ts";

/** Enclaves come, go and expire; what is offered follows within this. Signing asks the chain each time. */
const LOOK_INTERVAL_MS = 15_000;

/** Statements attested by the executor's enclaves. */
export type Attesting = {
    /** Code of the enclaves that are registered now: new versions name it, so that they may attest them at once. */
    measurements: () => Promise<NamedMeasurement[]>;
    /** Starts to follow which of some versions the enclaves may attest; resolves when it is known once. */
    follow: (modelIds: readonly Hex[]) => Promise<void>;
    /** TEE families that a followed version could be attested by, when it was last looked. */
    familiesOf: (modelId: Hex) => readonly number[];
    /** Evidence of one family. Throws EXECUTOR_ENCLAVE_MISSING, EXECUTOR_ENCLAVE_REFUSED, EXECUTOR_ENCLAVE_UNREACHABLE. */
    attest: (question: EvidenceQuestion & { registration: { owner: Hex; derivedFrom: Hex } }) => Promise<Uint8Array>;
    close: () => Promise<void>;
};

/** The enclaves of an executor, as a gateway uses them. */
export function createAttesting({ enclaves: urls, deployment, provider, executor, log, fetch }: ModelsDeps): Attesting {
    const clients = urls.map((url) => createEnclaveClient({ url, fetch }));
    const registries = createEnclaveRegistry({ deployment, provider });
    const enclaves = createEnclaves({ clients, registries, operator: executor });
    const stopping = new AbortController();
    const known = new Map<Hex, readonly number[]>();
    let following = Promise.resolve();

    const look = async (modelIds: readonly Hex[]) => {
        for (const modelId of modelIds) {
            const { live, missing } = await enclaves.attesting({ modelId, signal: stopping.signal });
            const families = [...new Set(live.map(({ family }) => family))];
            const before = known.get(modelId);
            known.set(modelId, families);
            if (before?.join() === families.join()) continue;
            for (const { url, why } of missing)
                log.warn({ modelId, url, why }, "an enclave does not attest this model");
        }
    };
    const keepLooking = async (modelIds: readonly Hex[]) => {
        while (!stopping.signal.aborted) {
            await pause(LOOK_INTERVAL_MS, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
            if (stopping.signal.aborted) return;
            await look(modelIds).catch((error: unknown) => {
                if (!stopping.signal.aborted) log.warn({ err: error }, "the enclaves could not be looked at");
            });
        }
    };
    return {
        measurements: () => measurementsOf({ clients, registries, executor, signal: stopping.signal }),
        follow: async (modelIds) => {
            if (clients.length === 0) return;
            await look(modelIds);
            following = keepLooking(modelIds);
        },
        familiesOf: (modelId) => known.get(modelId) ?? [],
        attest: async ({ family, statement, context, input, output, registration, signal }) => {
            const domain = { chainId: deployment.chainId, gate: deployment.contracts.EvidenceGate };
            const bytes = { input: bytesToHex(input), output: bytesToHex(output) };
            const question = { ...domain, statement, context, ...bytes, registration, signal };
            const { enclaveId, signature } = await enclaves.sign({ family, ...question });
            return hexToBytes(encodeTee({ family, enclaveId, signature }).data);
        },
        close: async () => {
            stopping.abort();
            await following;
        },
    };
}

type EnclaveRegistry = ReturnType<typeof createEnclaveRegistry>;

/** What TeeRegistry says now. */
function createEnclaveRegistry({ deployment, provider }: Pick<ModelsDeps, "deployment" | "provider">) {
    const { enclaves, models } = contractsOf({ deployment, runner: provider });
    const keyOf = async ({ enclaveId, family, operator }: { enclaveId: Hex; family: number; operator: Hex }) => {
        try {
            return await onChain(() => enclaves.keyOf(enclaveId, family, operator));
        } catch (error) {
            // Whatever speaks against it, it cannot be used now.
            if (error instanceof ContractRevert) return error.contractError;
            throw error;
        }
    };
    return {
        enclaveOf: async ({ signer }: { signer: Hex }): Promise<Hex | undefined> => {
            const enclaveId = toHex(await onChain(() => enclaves.enclaveOf(signer)));
            return enclaveId === ZERO_BYTES32 ? undefined : enclaveId;
        },
        /** The code of an enclave that may sign for an operator now; undefined if it may not. */
        measurementOf: async (question: { enclaveId: Hex; family: number; operator: Hex }) => {
            const key = await keyOf(question);
            return typeof key === "string" ? undefined : toHex(key.measurementId);
        },
        enclaveKey: async ({
            modelId,
            ...question
        }: {
            enclaveId: Hex;
            family: number;
            operator: Hex;
            modelId: Hex;
        }) => {
            const key = await keyOf(question);
            if (typeof key === "string") return { fault: `not valid now (${key})` };
            const { signer, measurementId, claimClass } = key;
            if (Number(claimClass) !== CLAIM_CLASSES.COMPUTE) return { fault: "it forwards, and runs no model" };
            const isNamed = await onChain(() => models.mayAttest(modelId, question.family, measurementId));
            if (isNamed) return { signer: toHex(signer) };
            return { fault: `its code ${measurementId} is not named for the model, or not yet` };
        },
    };
}

async function measurementsOf({
    clients,
    registries,
    executor,
    signal,
}: {
    clients: readonly ReturnType<typeof createEnclaveClient>[];
    registries: EnclaveRegistry;
    executor: Hex;
    signal: AbortSignal;
}): Promise<NamedMeasurement[]> {
    const found = await Promise.all(
        clients.map(async (client) => {
            // One that is away now names nothing; what is missing is told when the models are looked at.
            const identity = await client.identity({ signal }).catch(unlessDefect);
            const enclaveId = identity && (await registries.enclaveOf(identity));
            if (identity === undefined || enclaveId === undefined) return [];
            const { family } = identity;
            const measurementId = await registries.measurementOf({ enclaveId, family, operator: executor });
            return measurementId === undefined ? [] : [{ family, measurementId }];
        }),
    );
    const byKey = new Map(found.flat().map((named) => [`${named.family} ${named.measurementId}`, named]));
    return [...byKey.values()];
}

function unlessDefect(error: unknown): undefined {
    if (isProtocolError(error)) return undefined;
    throw error;
}
