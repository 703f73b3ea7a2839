import type { Session } from "@assay/executor/journal";
import { type Hex, hashJson, paymentRecord, uintToHex } from "@assay/protocol";
import * as z from "zod";
import type { Payment } from "../../core/payment.ts";
import { hex, integer, read } from "./_codec.ts";
import type { Inference, LedgerPayment } from "./inference.ts";
import { ORDER_COLUMNS, orderValues } from "./inferences.ts";

const record = paymentRecord.omit({ transaction: true });
const paymentSchema = z.object({
    offer: z.object({ policy: integer, amount: integer, flow: z.enum(["upfront", "authorization"]) }),
    payer: hex,
    nonce: hex,
    validBefore: integer,
    requirements: z.custom<Payment["requirements"]>((value) => typeof value === "object" && value !== null),
    payload: z.custom<Payment["payload"]>((value) => typeof value === "object" && value !== null),
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
/** What a database says that takes a statement back: another row has the key (23505), or a row would have no other (23503). */
const conflict = z.object({ code: z.enum(["23503", "23505"]) });
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
    const bought = [uintToHex(offer.policy), String(offer.amount), payload.payload];
    return hashJson([...bought, identifier ?? null, salt ?? null]);
}

/** $1 to $12: the order. An authorization whose request has an inference already would be of none, which is refused. */
const INSERT_PAID = `
    WITH taken AS (
        INSERT INTO payments (id, payer, nonce, network, asset, request_hash, payload_hash, identifier, payment)
        VALUES ($1, $11, $12, $13, $14, $15, $16, $17, $18)
        ON CONFLICT (network, asset, payer, nonce) DO UPDATE
        SET id = $1, request_hash = $15, payload_hash = $16, identifier = $17, payment = $18, tx_hash = NULL,
            is_released = false
        WHERE payments.is_released RETURNING id)
    INSERT INTO inferences (${ORDER_COLUMNS})
    SELECT id, $2, $3::bigint, $4, $5::json, $6::json, $7, $8::bytea, $9, $10, $11, $12 FROM taken
    ON CONFLICT DO NOTHING RETURNING id`;
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

/**
 * Journals a new order together with the authorization that it takes: both or neither, by one statement. A released
 * authorization can be taken again. False if it, its identifier or its request is taken, whoever does the same just now.
 */
export async function insertPaid(
    session: Session,
    { one, payment }: { one: Inference; payment: Payment },
): Promise<boolean> {
    const { record, identifier } = payment;
    const row = [
        ...[record.network, record.asset, one.wanted.requestHash, payloadHashOf(payment), identifier ?? null],
        JSON.stringify(z.encode(paymentSchema, payment)),
    ];
    try {
        const json = await session.query(INSERT_PAID, [...orderValues(one), ...row]);
        return read({ schema: takenRows, json }).length === 1;
    } catch (error) {
        if (conflict.safeParse(error).success) return false;
        throw error;
    }
}

/** The payment of an inference, and by which transaction it was or may have been settled; undefined = none. */
export async function findPayment(
    session: Session,
    { id, held }: Pick<Inference, "id" | "held">,
): Promise<LedgerPayment | undefined> {
    if (held !== undefined) return held;
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
