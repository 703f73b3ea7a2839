import { type ErrorCode, type Hex, isProtocolError, ProtocolError } from "@assay/protocol";
import type { Registries } from "../chain/registries.ts";
import type { EnclaveClient } from "./client.ts";

/** Enclave faults that say nothing about others: another one may still serve. */
const OF_ONE_ENCLAVE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
    "EXECUTOR_ENCLAVE_UNREACHABLE",
    "EXECUTOR_ENCLAVE_REFUSED",
]);

/** An enclave of this executor that the chain holds as valid now. */
export type LiveEnclave = { client: EnclaveClient; enclaveId: Hex; family: number; signer: Hex };

/** The enclaves that this executor operates. */
export type Enclaves = ReturnType<typeof createEnclaves>;

/** Finds which enclaves may attest a model now. The chain is asked each time: a registration can end at any block. */
export function createEnclaves({
    clients,
    registries,
    operator,
}: {
    clients: readonly EnclaveClient[];
    registries: Pick<Registries, "enclave">;
    operator: Hex;
}) {
    const lookUp = async (question: { client: EnclaveClient; modelId: Hex; signal: AbortSignal }) => {
        const { client, modelId, signal } = question;
        try {
            const { family, signer } = await client.identity({ signal });
            const enclaveId = await registries.enclave({ family, signer, operator, modelId, signal });
            return enclaveId === undefined ? [] : [{ client, enclaveId, family, signer }];
        } catch (error) {
            if (isProtocolError(error) && OF_ONE_ENCLAVE.has(error.code)) return [];
            throw error;
        }
    };
    /** Those that can be reached, are registered, and of a measurement that the model version names. */
    const attesting = async ({ modelId, signal }: { modelId: Hex; signal: AbortSignal }): Promise<LiveEnclave[]> => {
        const found = await Promise.all(clients.map((client) => lookUp({ client, modelId, signal })));
        return found.flat();
    };
    return {
        attesting,
        /** One of a family; throws EXECUTOR_ENCLAVE_MISSING, which is tried again: it may be renewed. */
        one: async ({ family, ...question }: { family: number; modelId: Hex; signal: AbortSignal }) => {
            const found = (await attesting(question)).find((enclave) => enclave.family === family);
            if (found !== undefined) return found;
            throw new ProtocolError({ code: "EXECUTOR_ENCLAVE_MISSING", message: `Family ${family}.` });
        },
    };
}
