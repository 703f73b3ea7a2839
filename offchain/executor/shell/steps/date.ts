import { type Statement, statementDigest, ZERO_BYTES32 } from "@assay/protocol";
import { askOf } from "../../core/wanted.ts";
import { findOutput, insertStatement } from "../journal/evidence.ts";
import type { PerformStep } from "../work/performer.ts";
import { type Context, headOf, requestOf } from "./context.ts";

/** Makes the statement that all evidence will commit to, dated by the newest block and never by this machine's clock. */
export function dateStep(context: Context): PerformStep {
    const { chainId, contracts } = context.deployment;
    return async ({ requestId }) => {
        const { wanted, state } = await requestOf(context, requestId);
        const output = await findOutput(context.database, requestId);
        if (output === undefined) throw new Error(`${requestId} has no output to date.`);
        const { modelId, configHash, inputHash } = askOf(wanted);
        const statement: Statement = {
            requestId,
            modelId,
            configHash,
            inputHash,
            outputHash: output.outputHash,
            contextHash: ZERO_BYTES32,
            executor: context.offer.executor,
            issuedAt: (await headOf(context)).timestamp,
            round: 0n,
            resultCode: BigInt(output.resultCode),
        };
        const digest = statementDigest({ chainId, gate: contracts.EvidenceGate, statement });
        const number = state.statements + 1;
        return {
            event: { kind: "dated" },
            write: (session) => insertStatement(session, { digest, statement, number }),
        };
    };
}
