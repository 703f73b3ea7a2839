import { encodeSigned, hexToBytes, statementTypedData, toHex } from "@assay/protocol";
import { insertEvidence } from "../journal/evidence.ts";
import type { PerformStep } from "../work/performer.ts";
import { type Context, dossierOf } from "./context.ts";

/**
 * Signs the journalled statement. The signature is deterministic (RFC 6979), so a repetition after a crash gives the same
 * one; the journal keeps one per statement.
 */
export function signStep(context: Context): PerformStep {
    const { chainId, contracts } = context.deployment;
    const { domain, types } = statementTypedData({ chainId, gate: contracts.EvidenceGate });
    return async ({ requestId }) => {
        const { digest, statement } = (await dossierOf(context, requestId)).dated;
        const signature = toHex(await context.signer.signTypedData(domain, types, statement));
        const { family, data } = encodeSigned(signature);
        const item = { family, data: hexToBytes(data) };
        return { event: { kind: "signed" }, write: (session) => insertEvidence(session, { digest, item }) };
    };
}
