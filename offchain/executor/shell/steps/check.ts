import {
    bytesToHex,
    decodeTee,
    FAMILIES,
    isProtocolError,
    isTeeFamily,
    ProtocolError,
    recoverSigner,
    toHex,
} from "@assay/protocol";
import { faultOf, type Standard } from "../../core/evidence.ts";
import { rejectionOf } from "../../core/remedy.ts";
import { isValidKey } from "../chain/registries.ts";
import { revertOf } from "../chain/revert.ts";
import { type EvidenceItem, findEvidence } from "../journal/evidence.ts";
import type { PerformStep } from "../work/performer.ts";
import { checkPullCall, fulfilCall } from "./_delivery.ts";
import { type Context, type Dossier, dossierOf, newestBlock } from "./context.ts";

/** Applies the chain's own rules to the evidence before any gas is spent: first here, then by asking hub or gate. */
export function checkStep(context: Context): PerformStep {
    return async ({ requestId, signal }) => {
        const dossier = await dossierOf(context, requestId);
        const items = await findEvidence(context.database, dossier.dated.digest);
        if (await isByEarlierKey({ context, dossier, items, signal })) {
            const detail = "The statement is signed by an earlier key.";
            return {
                event: { kind: "rejected", remedy: "redate", outcome: { code: "EXECUTOR_KEY_NOT_VALID", detail } },
            };
        }
        const enclaves = await enclavesFor({ context, dossier, items, signal });
        if (isByEarlierEnclave({ items, enclaves })) {
            const detail = "The statement is signed by an enclave that is not valid any more.";
            const outcome = { code: "EXECUTOR_ENCLAVE_MISSING", detail } as const;
            return { event: { kind: "rejected", remedy: "redate", outcome } };
        }
        const fault = await localFault({ context, dossier, items, enclaves, signal });
        if (fault !== undefined) throw new ProtocolError({ code: "EXECUTOR_EVIDENCE_INVALID", message: `${fault}.` });
        try {
            await simulate({ context, dossier, items, signal });
            return { event: { kind: "checked" } };
        } catch (error) {
            const revert = revertOf(error);
            if (revert === undefined) throw error;
            return { event: { kind: "rejected", ...rejectionOf(revert) } };
        }
    };
}

type Question = { context: Context; dossier: Dossier; items: readonly EvidenceItem[]; signal: AbortSignal };

/** Whether the key rotated, here and on the chain, after the statement was signed: the journalled output is signed anew. */
async function isByEarlierKey({ context, dossier, items, signal }: Question): Promise<boolean> {
    const { registries, offer, signer } = context;
    const signed = items.find(({ family }) => family === FAMILIES.SIGNED);
    if (signed === undefined) return false;
    const key = toHex(signer.address);
    if (recoverSigner({ digest: dossier.dated.digest, signature: bytesToHex(signed.data) }) === key) return false;
    const record = await registries.executor({ executor: offer.executor, signal });
    const { timestamp } = await newestBlock(context, { signal });
    return isValidKey({ record, key, at: timestamp });
}

/** The enclaves that signed and may attest this model now, by id. Whether they can be reached does not matter any more. */
async function enclavesFor({ context, dossier, items, signal }: Question): Promise<Standard["enclaves"]> {
    const { registries, offer } = context;
    const { modelId } = dossier.dated.statement;
    const attested = items.filter(({ family }) => isTeeFamily(family));
    const found = await Promise.all(
        attested.map(async ({ family, data }) => {
            const { enclaveId } = decodeTee(bytesToHex(data));
            const question = { enclaveId, family, operator: offer.executor, modelId, signal };
            return { enclaveId, family, signer: (await registries.enclaveKey(question)).signer };
        }),
    );
    return new Map(
        found.flatMap(({ enclaveId, family, signer }) =>
            signer === undefined ? [] : [[enclaveId, { family, signer }] as const],
        ),
    );
}

/** Whether an enclave that signed may not do so any more: another one signs the journalled output anew. */
function isByEarlierEnclave({ items, enclaves }: Pick<Question, "items"> & Pick<Standard, "enclaves">): boolean {
    const attested = items.filter(({ family }) => isTeeFamily(family));
    return attested.some(({ data }) => !enclaves.has(decodeTee(bytesToHex(data)).enclaveId));
}

async function localFault({
    context,
    dossier,
    items,
    enclaves,
    signal,
}: Question & Pick<Standard, "enclaves">): Promise<string | undefined> {
    const { registries, models, deployment, offer } = context;
    const { wanted, input, output, dated } = dossier;
    const { statement } = dated;
    const { signingKey } = await registries.executor({ executor: offer.executor, signal });
    const record = await registries.record({ modelId: statement.modelId, signal });
    const local = await models.resolve({ modelId: statement.modelId, signal });
    const standard: Standard = {
        chainId: deployment.chainId,
        gate: deployment.contracts.EvidenceGate,
        signingKey,
        enclaves,
        model: record && local && { ioSpec: record.ioSpec, vkHash: record.vkHash, key: local.key },
    };
    try {
        return faultOf({ brought: { wanted, statement, input, output: output.output, items }, standard });
    } catch (error) {
        // Evidence of a wrong form is a fault of the evidence, whatever it is called.
        if (isProtocolError(error)) return error.message;
        throw error;
    }
}

/** Calls what will be called, without sending it. */
async function simulate({ context, dossier, items, signal }: Question): Promise<void> {
    const { chain, deployment, offer } = context;
    const { EvidenceGate, InferenceHub } = deployment.contracts;
    const call =
        dossier.wanted.origin === "hub"
            ? { from: offer.executor, to: InferenceHub, data: fulfilCall({ dossier, items }) }
            : { from: dossier.wanted.consumer, to: EvidenceGate, data: checkPullCall({ dossier, items }) };
    await chain.call({ call, signal });
}
