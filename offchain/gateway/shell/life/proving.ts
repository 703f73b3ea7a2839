import { ProtocolError, statementFromJson, verifyReceipt } from "@assay/protocol";
import { dueFamilies } from "../../core/stages.ts";
import { type EvidenceItem, findEvidence } from "../journal/evidence.ts";
import type { Facts, Inference, Signed } from "../journal/inference.ts";
import { saveEvidence } from "../journal/inferences.ts";
import type { PerformStep } from "./change.ts";
import type { LifeDeps } from "./deps.ts";
import { recordOf } from "./record.ts";
import { orderedModel } from "./running.ts";

type Deps = Pick<LifeDeps, "models" | "database" | "deployment" | "chain">;

/**
 * Has evidence made beside the signature, of the families that are due, and keeps it only if whoever checks the receipt
 * will accept it. Throws GATEWAY_EVIDENCE_LOST when not.
 */
export function evidenceStep(deps: Deps, { timeLimitMs }: { timeLimitMs: number }): PerformStep {
    return async ({ one, signal }) => {
        const { signed, contents, answered } = one;
        const context = signed?.context ?? null;
        const output = answered?.output ?? null;
        if (signed === undefined || context === null || contents === null || output === null) {
            throw new ProtocolError({
                code: "GATEWAY_JOURNAL_INVALID",
                message: `${one.id} has nothing to be proven.`,
            });
        }
        const model = orderedModel(deps, one.wanted.modelId);
        const made: EvidenceItem[] = [];
        for (const family of dueFamilies(one.state)) {
            const data = await model.prove({
                family,
                statement: statementFromJson(signed.statement),
                digest: signed.digest,
                context,
                input: contents.input,
                output,
                signal: AbortSignal.any([signal, AbortSignal.timeout(timeLimitMs)]),
            });
            made.push({ family, data });
        }
        const items = [...(await findEvidence(deps.database, one.id)), ...made].sort((a, b) => a.family - b.family);
        const { modelId } = one.wanted;
        const facts = await deps.chain.facts({ modelId, model: model.facts, items });
        requireAccepted(deps, { one, signed, facts, items });
        return {
            event: { kind: one.state.stage === "signed" ? "attested" : "proved" },
            made: { facts, items },
            save: (session, { id, state }) => saveEvidence(session, { id, state, facts, items: made }),
            isMany: true,
        };
    };
}

/** Everything but a family that is still to come has to hold. */
function requireAccepted(
    deps: Deps,
    { one, signed, facts, items }: { one: Inference; signed: Signed; facts: Facts; items: readonly EvidenceItem[] },
): void {
    const record = { one, signed, facts, items, receiptHash: undefined, settlement: undefined };
    const { accepted, code, reason } = verifyReceipt({ receipt: recordOf(deps, record) });
    const isAwaited = one.state.stage === "signed" && dueFamilies({ ...one.state, stage: "served" }).length > 0;
    if (accepted || (isAwaited && code === "RECEIPT_POLICY_NOT_MET")) return;
    throw new ProtocolError({
        code: "GATEWAY_EVIDENCE_LOST",
        message: `The receipt would be refused: ${code}, ${reason}`,
    });
}
