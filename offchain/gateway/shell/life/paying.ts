import { ProtocolError } from "@assay/protocol";
import type { Payment, Settling } from "../../core/payment.ts";
import { saveTransaction } from "../journal/inferences.ts";
import { findPayment } from "../journal/ledger.ts";
import { type Change, only, type PerformStep } from "./change.ts";
import type { LifeDeps } from "./deps.ts";

type Deps = Pick<LifeDeps, "payments" | "database" | "log" | "crash">;

/** Whether the payment would settle. One that the token knows as used may have been sent by somebody else: then it counts. */
export function verifyStep(deps: Deps): PerformStep {
    return async ({ one }) => {
        const { payment } = await paymentOf(deps, one.id);
        const verified = await deps.payments.verify(payment);
        if (verified.status === "valid") return only({ kind: "verified" });
        const settling = await deps.payments.reconcile(payment, undefined);
        return settling.status === "settled" ? settled(settling) : refused(verified.reason);
    };
}

/** Settles. Whatever is not a clear answer leaves it open: it is never taken for unpaid. */
export function settleStep(deps: Deps): PerformStep {
    return async ({ one }) => {
        const { payment } = await paymentOf(deps, one.id);
        return changeOf(await settle(deps, payment));
    };
}

/** Asks the chain what became of a payment. */
export function reconcileStep(deps: Deps): PerformStep {
    return async ({ one }) => {
        const { payment, transaction } = await paymentOf(deps, one.id);
        return changeOf(await deps.payments.reconcile(payment, transaction));
    };
}

/** Gives the money back, at most once: the request's id is the key of the transfer. */
export function refundStep(deps: Deps, save: NonNullable<Change["save"]>): PerformStep {
    return async ({ one }) => {
        const { payment } = await paymentOf(deps, one.id);
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

function changeOf(settling: Settling): Change {
    if (settling.status === "settled") return settled(settling);
    if (settling.status === "failed") return refused(settling.reason);
    const { transaction } = settling;
    if (transaction === undefined) return only({ kind: "uncertain" });
    return { event: { kind: "uncertain" }, save: (session, one) => saveTransaction(session, one, transaction) };
}

function settled({ transaction }: Extract<Settling, { status: "settled" }>): Change {
    return { event: { kind: "settled" }, save: (session, one) => saveTransaction(session, one, transaction) };
}

function refused(text: string): Change {
    return only({ kind: "refused", text });
}

/** The payment that an inference was reserved with. */
export async function paymentOf({ database }: Pick<LifeDeps, "database">, id: string) {
    const found = await findPayment(database, id);
    if (found !== undefined) return found;
    throw new ProtocolError({ code: "GATEWAY_JOURNAL_INVALID", message: `${id} has no payment.` });
}
