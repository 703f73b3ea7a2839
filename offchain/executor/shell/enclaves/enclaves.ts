import {
    type ErrorCode,
    familyName,
    type Hex,
    isProtocolError,
    ProtocolError,
    recoverSigner,
    type Statement,
    statementDigest,
} from "@assay/protocol";
import { type MissingEnclave, missingText } from "../../core/admit.ts";
import type { Registries } from "../chain/registries.ts";
import type { EnclaveClient } from "./client.ts";

/** Enclave faults that say nothing about others: another one may still serve. */
const OF_ONE_ENCLAVE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
    "EXECUTOR_ENCLAVE_UNREACHABLE",
    "EXECUTOR_ENCLAVE_REFUSED",
]);

/** An enclave of this executor that the chain holds as valid now. */
export type LiveEnclave = { client: EnclaveClient; enclaveId: Hex; family: number; signer: Hex };

/** What was found of the enclaves: those that may attest, and what keeps each of the others from it. */
type Found = { live: LiveEnclave[]; missing: MissingEnclave[] };

/** The enclaves that this executor operates. */
export type Enclaves = ReturnType<typeof createEnclaves>;

/** What an enclave is to sign: a statement, its domain, and the bytes it speaks of. */
export type SignQuestion = Parameters<EnclaveClient["sign"]>[0];

/** Finds which enclaves may attest a model now. The chain is asked each time: a registration can end at any block. */
export function createEnclaves({
    clients,
    registries,
    operator,
}: {
    clients: readonly EnclaveClient[];
    registries: Pick<Registries, "enclaveOf" | "enclaveKey">;
    operator: Hex;
}) {
    const lookUp = async (question: { client: EnclaveClient; modelId: Hex; signal: AbortSignal }): Promise<Found> => {
        const { client, modelId, signal } = question;
        const { url } = client;
        try {
            const { family, signer } = await client.identity({ signal });
            const missing = (why: string): Found => ({ live: [], missing: [{ url, family, why }] });
            const enclaveId = await registries.enclaveOf({ signer, signal });
            if (enclaveId === undefined) return missing(`its key ${signer} is not registered`);
            const key = await registries.enclaveKey({ enclaveId, family, operator, modelId, signal });
            if (key.fault !== undefined) return missing(key.fault);
            if (key.signer !== signer) return missing(`its key ${signer} is not the registered ${key.signer}`);
            return { live: [{ client, enclaveId, family, signer }], missing: [] };
        } catch (error) {
            if (!isOfOneEnclave(error)) throw error;
            const why =
                error.code === "EXECUTOR_ENCLAVE_UNREACHABLE"
                    ? "it does not answer"
                    : "what it answers is no enclave's answer";
            return { live: [], missing: [{ url, family: undefined, why }] };
        }
    };
    const registrationFault = async (question: { client: EnclaveClient; signal: AbortSignal }) => {
        const { client, signal } = question;
        try {
            const { signer } = await client.identity({ signal });
            if ((await registries.enclaveOf({ signer, signal })) !== undefined) return undefined;
            const message = `${client.url} has the key ${signer}, which is not registered.`;
            return new ProtocolError({ code: "EXECUTOR_ENCLAVE_MISSING", message });
        } catch (error) {
            if (isOfOneEnclave(error)) return error;
            throw error;
        }
    };
    const attesting = async ({ modelId, signal }: { modelId: Hex; signal: AbortSignal }): Promise<Found> => {
        const found = await Promise.all(clients.map((client) => lookUp({ client, modelId, signal })));
        return { live: found.flatMap(({ live }) => live), missing: found.flatMap(({ missing }) => missing) };
    };
    return {
        /** Those that can be reached, are registered, and of a measurement that the model version names; and the others. */
        attesting,
        /** What keeps each of them from attesting anything, as it is now; whether a model names it is another question. */
        faults: async ({ signal }: { signal: AbortSignal }): Promise<ProtocolError[]> => {
            const found = await Promise.all(clients.map((client) => registrationFault({ client, signal })));
            return found.flatMap((fault) => fault ?? []);
        },
        /**
         * The signature of one enclave of a family. One that is gone, refuses, or signs something else is passed over;
         * throws what the last of them did, or EXECUTOR_ENCLAVE_MISSING. All of it is tried again: an enclave may be
         * renewed.
         */
        sign: async ({ family, ...question }: { family: number } & SignQuestion) => {
            const { modelId } = question.statement;
            const found = await attesting({ modelId, signal: question.signal });
            let fault = missingFault({ family, missing: found.missing });
            for (const enclave of found.live) {
                if (enclave.family !== family) continue;
                try {
                    return { enclaveId: enclave.enclaveId, signature: await signatureOf(enclave, question) };
                } catch (error) {
                    if (!isOfOneEnclave(error)) throw error;
                    fault = error;
                }
            }
            throw fault;
        },
    };
}

/** None that may attest: what keeps those of this family from it, and those that could not be asked. */
function missingFault({ family, missing }: { family: number; missing: readonly MissingEnclave[] }): ProtocolError {
    const ofFamily = missing.filter((one) => one.family === undefined || one.family === family);
    const message = `${familyName(family)} is needed: ${missingText(ofFamily)}.`;
    return new ProtocolError({ code: "EXECUTOR_ENCLAVE_MISSING", message });
}

/** A signature by the registered key over exactly this statement: nothing else is worth journalling. */
async function signatureOf({ client, signer }: LiveEnclave, question: SignQuestion): Promise<Hex> {
    const signature = await client.sign(question);
    const by = signerOf({ ...question, signature });
    if (by === signer) return signature;
    const message = `${client.url}: ${by ?? "nobody"} signed, and not the registered key ${signer}.`;
    throw new ProtocolError({ code: "EXECUTOR_ENCLAVE_REFUSED", message });
}

/** undefined: no signature in its one form. */
function signerOf(signed: { chainId: number; gate: Hex; statement: Statement; signature: Hex }): Hex | undefined {
    try {
        return recoverSigner({ digest: statementDigest(signed), signature: signed.signature });
    } catch (error) {
        if (isProtocolError(error, "EVIDENCE_MALFORMED")) return undefined;
        throw error;
    }
}

function isOfOneEnclave(error: unknown): error is ProtocolError {
    return isProtocolError(error) && OF_ONE_ENCLAVE.has(error.code);
}
