import { isProtocolError, ProtocolError } from "@assay/protocol";
import { faultOf, type Standard } from "../../core/evidence.ts";
import { rejectionOf } from "../../core/remedy.ts";
import { revertOf } from "../chain/revert.ts";
import { type EvidenceItem, findEvidence } from "../journal/evidence.ts";
import type { PerformStep } from "../work/performer.ts";
import { checkPullCall, fulfilCall } from "./_delivery.ts";
import { type Context, type Dossier, dossierOf } from "./context.ts";

/** Applies the chain's own rules to the evidence before any gas is spent: first here, then by asking hub or gate. */
export function checkStep(context: Context): PerformStep {
    return async ({ requestId, signal }) => {
        const dossier = await dossierOf(context, requestId);
        const items = await findEvidence(context.database, dossier.dated.digest);
        const fault = await localFault({ context, dossier, items, signal });
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

async function localFault({ context, dossier, items, signal }: Question): Promise<string | undefined> {
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
