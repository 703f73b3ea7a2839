import { ProtocolError } from "@assay/protocol";
import type { Payment, Settling } from "../../core/payment.ts";
import type { Inference, LedgerPayment } from "../journal/inference.ts";
import { saveTransaction } from "../journal/inferences.ts";
import { findPayment } from "../journal/ledger.ts";
import { type Change, only, type PerformStep } from "./change.ts";
import type { LifeDeps } from "./deps.ts";

type Deps = Pick<LifeDeps, "payments" | "database" | "log" | "crash">;

/** Whether the payment would settle. One that the token knows as used may have been sent by somebody else: then it counts. */
export function verifyStep(deps: Deps): PerformStep {
    return async ({ one }) => {
        const { payment } = await paymentOf(deps, one);
        const verified = await deps.payments.verify(payment);
        // Not journalled: whatever nobody paid for is given up when the process ends, wherever it was.
        if (verified.status === "valid") return { event: { kind: "verified" }, save: async () => {} };
        const settling = await deps.payments.reconcile(payment, undefined);
        return settling.status === "settled" ? settled(payment, settling) : refused(verified.reason);
    };
}

/** Settles. Whatever is not a clear answer leaves it open: it is never taken for unpaid. */
export function settleStep(deps: Deps): PerformStep {
    return async ({ one }) => {
        const { payment } = await paymentOf(deps, one);
        return changeOf(payment, await settle(deps, payment));
    };
}

/** Asks the chain what became of a payment. */
export function reconcileStep(deps: Deps): PerformStep {
    return async ({ one }) => {
        const { payment, transaction } = await paymentOf(deps, one);
        return changeOf(payment, await deps.payments.reconcile(payment, transaction));
    };
}

/** Gives the money back, at most once: the request's id is the key of the transfer. */
export function refundStep(deps: Deps, save: NonNullable<Change["save"]>): PerformStep {
    return async ({ one }) => {
        const { payment } = await paymentOf(deps, one);
        const owed = { key: one.requestId, to: payment.payer, amount: payment.offer.amount };
        const { transaction } = await deps.payments.refund(owed);
        return { event: { kind: "refunded" }, made: { refundTransaction: transaction }, save };
    };
}

async function settle({ payments, log }: Deps, payment: Payment): Promise<Settling> {
    try {
        return await payments.settle(payment);
    } catch (error) {
        log.warn({ err: error }, "settling was cut off");
        return { status: "unknown", transaction: undefined };
    }
}

function changeOf(payment: Payment, settling: Settling): Change {
    if (settling.status === "settled") return settled(payment, settling);
    if (settling.status === "failed") return refused(settling.reason);
    const { transaction } = settling;
    if (transaction === undefined) return only({ kind: "uncertain" });
    const made = { held: { payment, transaction } };
    return { event: { kind: "uncertain" }, made, save: (session, one) => saveTransaction(session, one, transaction) };
}

function settled(payment: Payment, { transaction }: Extract<Settling, { status: "settled" }>): Change {
    const made = { held: { payment, transaction } };
    return { event: { kind: "settled" }, made, save: (session, one) => saveTransaction(session, one, transaction) };
}

function refused(text: string): Change {
    return only({ kind: "refused", text });
}

/** The payment that an inference was reserved with. */
export async function paymentOf(
    { database }: Pick<LifeDeps, "database">,
    one: Pick<Inference, "id" | "held">,
): Promise<LedgerPayment> {
    const found = await findPayment(database, one);
    if (found !== undefined) return found;
    throw new ProtocolError({ code: "GATEWAY_JOURNAL_INVALID", message: `${one.id} has no payment.` });
}
