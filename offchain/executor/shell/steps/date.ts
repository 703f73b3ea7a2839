import { ProtocolError, type Statement, statementDigest, ZERO_BYTES32 } from "@assay/protocol";
import { askOf } from "../../core/wanted.ts";
import { findOutput, findStatement, insertStatement } from "../journal/evidence.ts";
import type { PerformStep } from "../work/performer.ts";
import { type Context, newestBlock, requestOf } from "./context.ts";

/** Makes the statement that all evidence will commit to, dated by the newest block and never by this machine's clock. */
export function dateStep(context: Context): PerformStep {
    const { chainId, contracts } = context.deployment;
    return async ({ requestId, signal }) => {
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
            issuedAt: (await newestBlock(context, { signal })).timestamp,
            round: 0n,
            resultCode: BigInt(output.resultCode),
        };
        const digest = statementDigest({ chainId, gate: contracts.EvidenceGate, statement });
        const last = await findStatement(context.database, requestId);
        if (last?.digest === digest) {
            // It was refused for its age, and the chain has no newer block to date another one by.
            throw new ProtocolError({
                code: "EXECUTOR_STATEMENT_OUTDATED",
                message: `Dated ${statement.issuedAt} already.`,
            });
        }
        const number = state.statements + 1;
        return {
            event: { kind: "dated" },
            write: (session) => insertStatement(session, { digest, statement, number }),
        };
    };
}
