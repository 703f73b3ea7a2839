import { ProtocolError } from "@assay/protocol";
import { receiptIdOf } from "../../core/ids.ts";
import type { Head, Reply } from "../../core/life.ts";
import type { Settling } from "../../core/payment.ts";
import { isAnswerable, type Reason } from "../../core/stages.ts";
import { findEvidence } from "../journal/evidence.ts";
import type { Inference } from "../journal/inference.ts";
import { findPayment } from "../journal/ledger.ts";
import type { LifeDeps } from "./deps.ts";
import { recordOf } from "./record.ts";
import { orderedModel } from "./running.ts";

type Deps = Pick<LifeDeps, "models" | "database" | "deployment" | "payments">;

/** What is known of an inference before its answer. */
export function headOf({ id, wanted, createdAt }: Inference, paymentResponse: string | undefined): Head {
    return { id, modelName: wanted.modelName, createdAt, paymentResponse };
}

/** Value of PAYMENT-RESPONSE for an inference; undefined when nothing is paid. */
export async function paymentResponseOf(
    { database, payments }: Pick<Deps, "database" | "payments">,
    one: Inference,
): Promise<string | undefined> {
    const { state } = one;
    if (state.flow === "free") return undefined;
    const found = await findPayment(database, one);
    if (found === undefined) return undefined;
    const { payment, transaction } = found;
    const settling: Settling =
        state.isPaid && transaction !== undefined
            ? { status: "settled", transaction }
            : { status: "unknown", transaction };
    return payments.response(payment, settling);
}

/** What whoever asked is told of an inference that did not fail; throws what a failure came to. */
export async function replyOf(deps: Deps, one: Inference): Promise<Reply> {
    const { state } = one;
    if (state.stage === "failed" && state.reason !== undefined) throw faultOf(one, state.reason);
    const head = headOf(one, await paymentResponseOf(deps, one));
    if (!isAnswerable(state)) {
        const reason =
            state.doubt === "none"
                ? "It is paid, and the answer is still to be signed."
                : "Whether the payment was settled is looked for in the chain.";
        return { status: "pending", reason, ...head };
    }
    if (state.stage === "refunding" || state.stage === "refunded") {
        return { status: "refunding", reason: state.reason?.text ?? "", ...head };
    }
    return served(deps, { one, head });
}

async function served(deps: Deps, { one, head }: { one: Inference; head: Head }): Promise<Reply> {
    const { contents, answered, signed, facts } = one;
    const output = answered?.output ?? null;
    if (contents === null || output === null || answered === undefined || signed === undefined || facts === undefined) {
        const message = `The contents of ${receiptIdOf(one.id)} were deleted.`;
        throw new ProtocolError({ code: "GATEWAY_CONTENTS_DELETED", message });
    }
    const model = orderedModel(deps, one.wanted.modelId);
    const items = one.items ?? (await findEvidence(deps.database, one.id));
    const record = { one, signed, facts, items, receiptHash: undefined, settlement: undefined };
    return {
        status: "served",
        answer: model.present({ input: contents.input, output }),
        usage: answered.usage,
        receipt: recordOf(deps, record),
        stands: one.state.stage === "proven" ? "proven" : "served",
        ...head,
    };
}

function faultOf({ id, signed }: Inference, { code, text }: Reason): ProtocolError {
    const receipt = signed === undefined ? "" : ` Receipt ${receiptIdOf(id)}.`;
    return new ProtocolError({ code, message: `${text}${receipt}` });
}
