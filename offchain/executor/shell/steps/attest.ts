import { bytesToHex, encodeTee, hexToBytes, isTeeFamily } from "@assay/protocol";
import { insertEvidence } from "../journal/evidence.ts";
import type { PerformStep } from "../work/performer.ts";
import { type Context, dossierOf } from "./context.ts";

/**
 * Has the enclaves of the plan sign the journalled statement. Each runs the model itself, and signs only if it computes
 * the journalled output. A repetition after a crash may come from another enclave; the journal keeps one item per family.
 */
export function attestStep(context: Context): PerformStep {
    const { chainId, contracts } = context.deployment;
    return async ({ requestId, signal }) => {
        const { state, input, output, dated } = await dossierOf(context, requestId);
        const { digest, statement } = dated;
        const { owner, derivedFrom } = await context.registries.modelFacts({ modelId: statement.modelId, signal });
        const families = (state.plan?.families ?? []).filter(isTeeFamily);
        const bytes = { input: bytesToHex(input), output: bytesToHex(output.output) };
        const domain = { chainId, gate: contracts.EvidenceGate };
        const question = { ...domain, statement, ...bytes, registration: { owner, derivedFrom }, signal };
        const items = await Promise.all(
            families.map(async (family) => {
                const { enclaveId, signature } = await context.enclaves.sign({ family, ...question });
                return { family, data: hexToBytes(encodeTee({ family, enclaveId, signature }).data) };
            }),
        );
        return {
            event: { kind: "attested" },
            write: async (session) => {
                for (const item of items) await insertEvidence(session, { digest, item });
            },
        };
    };
}
