import { bindOf, bytesToHex, encodeGroth16, hexToBytes, isProtocolError, ProtocolError } from "@assay/protocol";
import { insertEvidence } from "../journal/evidence.ts";
import type { PerformStep } from "../work/performer.ts";
import { type Context, dossierOf } from "./context.ts";

/** Proves the journalled output for the journalled statement. The prover computes its own output: it must be the same. */
export function proveStep({ context, pace }: { context: Context; pace: { took: (ms: number) => void } }): PerformStep {
    return async ({ requestId, signal }) => {
        const { wanted, input, output, dated } = await dossierOf(context, requestId);
        const { digest, statement } = dated;
        const model = await context.models.resolve({ modelId: statement.modelId, signal });
        if (model === undefined) throw new ProtocolError({ code: "EXECUTOR_MODEL_UNKNOWN", message: wanted.salt });
        const began = performance.now();
        const proven = await context.models.prove({ model, input, bind: bindOf(digest) }).catch(proverFailed);
        pace.took(performance.now() - began);
        if (bytesToHex(proven.output) !== bytesToHex(output.output)) {
            const message = `The circuit gives ${bytesToHex(proven.output)}, the model ${bytesToHex(output.output)}.`;
            throw new ProtocolError({ code: "EXECUTOR_EVIDENCE_INVALID", message });
        }
        const { family, data } = encodeGroth16(proven);
        const item = { family, data: hexToBytes(data) };
        return { event: { kind: "proved" }, write: (session) => insertEvidence(session, { digest, item }) };
    };
}

/** A fault with a code of its own keeps it; anything else is tried again a few times. */
function proverFailed(cause: unknown): never {
    if (isProtocolError(cause)) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ProtocolError({ code: "EXECUTOR_PROVER_FAILED", message: `${message}.`, cause });
}
