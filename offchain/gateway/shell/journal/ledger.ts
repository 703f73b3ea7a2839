import type { Session } from "@assay/executor/journal";
import { type Hex, hashJson, paymentRecord, uintToHex } from "@assay/protocol";
import * as z from "zod";
import type { Payment } from "../../core/payment.ts";
import { hex, integer, read } from "./_codec.ts";
import type { LedgerPayment } from "./inference.ts";

const record = paymentRecord.omit({ transaction: true });
const paymentSchema = z.object({
    offer: z.object({ policy: integer, amount: integer, flow: z.enum(["upfront", "authorization"]) }),
    payer: hex,
    nonce: hex,
    validBefore: integer,
    requirements: z.custom<Payment["requirements"]>((value) => typeof value === "object" && value !== null),
    payload: z.unknown(),
    record,
    identifier: z.string().optional(),
    salt: hex.optional(),
});
const entryRows = z.array(
    z.object({
        id: z.string(),
        payer: hex,
        request_hash: hex,
        payload_hash: hex,
        identifier: z.string().nullable(),
        is_released: z.boolean(),
    }),
);
const paymentRows = z.array(z.object({ payment: paymentSchema, tx_hash: hex.nullable() }));
const takenRows = z.array(z.object({ id: z.string() }));

/** What an authorization, or a payment identifier, was used for. */
export type LedgerEntry = {
    id: string;
    payer: Hex;
    requestHash: Hex;
    /** Of the payload that was brought. */
    payloadHash: Hex;
    identifier: string | undefined;
    isReleased: boolean;
};

/**
 * Hash of what was signed, for what, and of what only the buyer has: another signature, or another offer, for the same nonce
 * is another payment. The chain shows everybody what was signed, so identifier and salt have to come again, too.
 */
export function payloadHashOf({ payload, offer, identifier, salt }: Payment): Hex {
    const signed = z.looseObject({ payload: z.unknown() }).safeParse(payload);
    const bought = [uintToHex(offer.policy), String(offer.amount), signed.success ? signed.data.payload : payload];
    return hashJson([...bought, identifier ?? null, salt ?? null]);
}

const ENTRY = "id, payer, request_hash, payload_hash, identifier, is_released";

/** What the authorization of a payment was used for; undefined = nothing. */
export async function findEntry(session: Session, { record, payer, nonce }: Payment): Promise<LedgerEntry | undefined> {
    const sql = `SELECT ${ENTRY} FROM payments WHERE network = $1 AND asset = $2 AND payer = $3 AND nonce = $4`;
    return entriesOf(await session.query(sql, [record.network, record.asset, payer, nonce]))[0];
}

/** What a payment identifier was used for; undefined = nothing. */
export async function findIdentified(session: Session, identifier: string): Promise<LedgerEntry | undefined> {
    return entriesOf(await session.query(`SELECT ${ENTRY} FROM payments WHERE identifier = $1`, [identifier]))[0];
}

/** Takes an authorization for one inference; false if it is taken. A released one can be taken again. */
export async function takePayment(
    session: Session,
    { id, payment, requestHash }: { id: string; payment: Payment; requestHash: Hex },
): Promise<boolean> {
    const { record, payer, nonce, identifier } = payment;
    const json = await session.query(
        `INSERT INTO payments (network, asset, payer, nonce, id, request_hash, payload_hash, identifier, payment)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (network, asset, payer, nonce) DO UPDATE
         SET id = $5, request_hash = $6, payload_hash = $7, identifier = $8, payment = $9, tx_hash = NULL,
             is_released = false
         WHERE payments.is_released RETURNING id`,
        [
            record.network,
            record.asset,
            payer,
            nonce,
            id,
            requestHash,
            payloadHashOf(payment),
            identifier ?? null,
            JSON.stringify(z.encode(paymentSchema, payment)),
        ],
    );
    return read({ schema: takenRows, json }).length === 1;
}

/** The payment of an inference, and by which transaction it was or may have been settled; undefined = none. */
export async function findPayment(session: Session, id: string): Promise<LedgerPayment | undefined> {
    const json = await session.query("SELECT payment, tx_hash FROM payments WHERE id = $1", [id]);
    const [row] = read({ schema: paymentRows, json });
    if (row === undefined) return undefined;
    const { payment, tx_hash } = row;
    return { payment: { ...payment, identifier: payment.identifier }, transaction: tx_hash ?? undefined };
}

/** Gives an authorization free: nothing was taken. */
export async function releasePayment(session: Session, id: string): Promise<void> {
    await session.query("UPDATE payments SET is_released = true, identifier = NULL WHERE id = $1", [id]);
}

function entriesOf(json: unknown): LedgerEntry[] {
    return read({ schema: entryRows, json }).map(
        ({ request_hash, payload_hash, identifier, is_released, ...rest }): LedgerEntry => ({
            ...rest,
            requestHash: request_hash,
            payloadHash: payload_hash,
            identifier: identifier ?? undefined,
            isReleased: is_released,
        }),
    );
}
