import { randomBytes } from "node:crypto";
import {
    type Hex,
    keccak256,
    ProtocolError,
    requestIdGateway,
    toHex,
    ZERO_ADDRESS,
    ZERO_BYTES32,
} from "@assay/protocol";
import type { Payment } from "../../core/payment.ts";
import { PaymentRefused } from "../../core/paymentRefused.ts";
import { begin } from "../../core/stages.ts";
import type { Inference } from "../journal/inference.ts";
import { insertInference } from "../journal/inferences.ts";
import { findEntry, findIdentified, insertPaid, type LedgerEntry, payloadHashOf } from "../journal/ledger.ts";
import type { LifeDeps } from "./deps.ts";
import type { Option, Wish } from "./wish.ts";

const ID_BYTES = 16;
const NONCE_BYTES = 32;
const MS_PER_SECOND = 1_000;

type Deps = Pick<LifeDeps, "database" | "deployment" | "executor" | "payments">;

/**
 * The inference that a payment was used for already; undefined = it is free to be used. Throws GATEWAY_PAYMENT_REUSED if
 * it, or its identifier, was used for anything else, without a word of what that was.
 */
export async function usedFor(
    deps: Deps,
    { wish, payment }: { wish: Wish; payment: Payment },
): Promise<string | undefined> {
    const { database } = deps;
    const entry = await findEntry(database, payment);
    if (entry !== undefined && !entry.isReleased) {
        const isSame = entry.requestHash === wish.requestHash && entry.payloadHash === payloadHashOf(payment);
        if (isSame) return entry.id;
        throw new ProtocolError({ code: "GATEWAY_PAYMENT_REUSED" });
    }
    if (payment.identifier === undefined) return undefined;
    const identified = await findIdentified(database, payment.identifier);
    if (identified === undefined) return undefined;
    await requireOwner(deps, { identified, wish, payment });
    return identified.id;
}

/**
 * Whether an order is journalled together with its answer and its statement: nobody pays for it, and nobody hears its id
 * before. What is cut off until then leaves nothing behind, as nothing was owed.
 */
export function isJournalledLate({ state, wanted }: Pick<Inference, "state" | "wanted">): boolean {
    return state.flow === "free" && !wanted.isStream;
}

/** Journals an order, and that its payment is used up; undefined if somebody else was faster with the same payment. */
export async function reserve(
    deps: Deps,
    { wish, option, payment }: { wish: Wish; option: Option; payment: Payment | undefined },
): Promise<Inference | undefined> {
    const one = inferenceOf(deps, { wish, option, payment });
    if (isJournalledLate(one)) return one;
    const isNew =
        payment === undefined
            ? await insertInference(deps.database, one)
            : await insertPaid(deps.database, { one, payment });
    return isNew ? one : undefined;
}

/** Anybody can write another's address into a payment: who comes back with an identifier must have signed. */
async function requireOwner(
    { payments }: Deps,
    { identified, wish, payment }: { identified: LedgerEntry; wish: Wish; payment: Payment },
): Promise<void> {
    if (identified.payer !== payment.payer || identified.requestHash !== wish.requestHash) {
        throw new ProtocolError({ code: "GATEWAY_PAYMENT_REUSED" });
    }
    const verified = await payments.verify(payment);
    if (verified.status === "invalid") throw new PaymentRefused({ reason: verified.reason });
    payments.release(payment);
}

function inferenceOf(
    { deployment, executor }: Deps,
    { wish, option, payment }: { wish: Wish; option: Option; payment: Payment | undefined },
): Inference {
    const { model, reading, requested, requestHash, config, salt } = wish;
    const { input, effective, attachments, isStream, units } = reading;
    const { policy, families, amount } = option;
    const { payer = ZERO_ADDRESS, nonce = randomHex(NONCE_BYTES) } = payment ?? {};
    return {
        id: randomBytes(ID_BYTES).toString("hex"),
        requestId: requestIdGateway({
            chainId: deployment.chainId,
            gate: deployment.contracts.EvidenceGate,
            executor,
            payer,
            paymentNonce: nonce,
            requestHash,
        }),
        createdAt: Math.floor(Date.now() / MS_PER_SECOND),
        state: begin({ flow: payment === undefined ? "free" : option.flow, families }),
        wanted: {
            route: wish.route,
            modelId: model.modelId,
            modelName: wish.modelName,
            policy,
            requestHash,
            effective,
            attachments,
            config: config?.record ?? null,
            configHash: config?.hash ?? ZERO_BYTES32,
            isStream,
            units,
            amount: payment === undefined ? undefined : amount,
        },
        contents: { requested, input },
        inputHash: keccak256(input),
        salt,
        payer,
        nonce,
        answered: undefined,
        signed: undefined,
        facts: undefined,
        items: undefined,
        refundTransaction: undefined,
        verdict: undefined,
        ...(payment === undefined ? {} : { held: { payment, transaction: undefined } }),
    };
}

function randomHex(bytes: number): Hex {
    return toHex(`0x${randomBytes(bytes).toString("hex")}`, bytes);
}
