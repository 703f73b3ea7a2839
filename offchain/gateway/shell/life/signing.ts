import {
    encodeSigned,
    type GatewayContext,
    gatewayStatementOf,
    hexToBytes,
    outputPartsOf,
    ProtocolError,
    receiptHash,
    statementDigest,
    statementToJson,
} from "@assay/protocol";
import { contextOf } from "../../core/receiptOf.ts";
import type { Facts, Inference, Signed } from "../journal/inference.ts";
import { insertSigned, saveSigned } from "../journal/inferences.ts";
import { applied, type Change, type PerformStep } from "./change.ts";
import type { LifeDeps } from "./deps.ts";
import { paymentOf } from "./paying.ts";
import { recordOf, requestOf } from "./record.ts";
import { isJournalledLate } from "./reserve.ts";
import { orderedModel } from "./running.ts";
import type { Sequencer } from "./sequencer.ts";

type Deps = Pick<
    LifeDeps,
    "models" | "database" | "deployment" | "executor" | "signer" | "chain" | "settlement" | "crash"
>;

/**
 * States what came of it and signs that, in the turn of its sequence. The signature leaves this function only when
 * statement, sequence and leaf are journalled: no two signed statements can have one sequence.
 */
export function signStep(deps: Deps, sequencer: Sequencer): PerformStep {
    return async ({ one }) => {
        const { facts: model, claimClass } = orderedModel(deps, one.wanted.modelId);
        const facts = await deps.chain.facts({ modelId: one.wanted.modelId, model, items: [] });
        requireKey(deps, facts);
        const payment = await chargedOf(deps, one);
        const change = await sequencer.next(async (sequence) => {
            const context = statedContext({ one, claimClass, payment, sequence });
            return signed(deps, { one, facts, context });
        });
        deps.settlement.wake();
        return change;
    };
}

async function signed(
    deps: Deps,
    { one, facts, context }: { one: Inference; facts: Facts; context: GatewayContext },
): Promise<Change> {
    const { chainId, contracts } = deps.deployment;
    const gate = contracts.EvidenceGate;
    const { contents, answered } = complete(one);
    const statement = gatewayStatementOf({
        chainId,
        gate,
        executor: deps.executor,
        modelId: one.wanted.modelId,
        configHash: one.wanted.configHash,
        issuedAt: BigInt(facts.registry.blockTimestamp),
        resultCode: BigInt(answered.resultCode),
        request: requestOf(one),
        context,
        input: contents.input,
        output: answered.output,
    });
    const digest = statementDigest({ chainId, gate, statement });
    const said: Signed = { sequence: context.sequence, digest, statement: statementToJson(statement), context };
    const { family, data } = encodeSigned(await deps.signer.sign(digest));
    const item = { family, data: hexToBytes(data) };
    deps.crash("sign.acted");
    const event = { kind: "signed" } as const;
    const made = { signed: said, facts, items: [item] };
    const next = applied(one, { event, made });
    const record = { one: next, signed: said, facts, items: made.items, receiptHash: undefined, settlement: undefined };
    const hash = receiptHash(recordOf(deps, record));
    const signing = { one: next, signed: said, facts, receiptHash: hash, item };
    if (isJournalledLate(one)) await insertSigned(deps.database, { ...signing, answered });
    else await saveSigned(deps.database, signing);
    return { event, made, save: async () => {}, isSaved: true };
}

/** What was paid for it; null when nothing was, as for every failure that was to be paid afterwards. */
async function chargedOf(deps: Deps, one: Inference): Promise<GatewayContext["payment"]> {
    if (!one.state.isPaid) return null;
    const { payment, transaction } = await paymentOf(deps, one);
    if (transaction !== undefined) return { ...payment.record, transaction };
    throw new ProtocolError({ code: "GATEWAY_JOURNAL_INVALID", message: `${one.id} is paid by no transaction.` });
}

function statedContext({
    one,
    claimClass,
    payment,
    sequence,
}: {
    one: Inference;
    claimClass: GatewayContext["claimClass"];
    payment: GatewayContext["payment"];
    sequence: number;
}): GatewayContext {
    const { contents, answered } = complete(one);
    const { output, usage, upstream } = answered;
    const outputParts = outputPartsOf({ route: one.wanted.route, output });
    return contextOf({
        order: { ...one.wanted, requested: contents.requested },
        model: { claimClass },
        outcome: { outputParts, usage, upstream },
        payment,
        sequence,
        salt: one.salt,
    });
}

/** Contents are deleted of what came to an end only. */
function complete({ id, contents, answered }: Inference) {
    const output = answered?.output ?? null;
    if (contents !== null && answered !== undefined && output !== null) {
        return { contents, answered: { ...answered, output } };
    }
    throw new ProtocolError({ code: "GATEWAY_JOURNAL_INVALID", message: `${id} has nothing to be signed.` });
}

/** Nothing is signed that everybody would refuse. */
function requireKey({ signer }: Deps, { registry }: Facts): void {
    const { executor, blockTimestamp, blockNumber } = registry;
    const isValid =
        executor !== undefined &&
        executor.signingKey === signer.address &&
        executor.state === "active" &&
        executor.notBefore <= blockTimestamp &&
        blockTimestamp <= executor.notAfter;
    if (isValid) return;
    const known = executor === undefined ? "none" : `${executor.signingKey}, ${executor.state}`;
    const message = `In block ${blockNumber} the executor's key is ${known}; here it is ${signer.address}.`;
    throw new ProtocolError({ code: "GATEWAY_KEY_NOT_VALID", message });
}
