import type { Session } from "@assay/executor/journal";
import { canonicalJson, type Hex, type JsonObject } from "@assay/protocol";
import * as z from "zod";
import type { State } from "../../core/stages.ts";
import { bigintColumn, read } from "./_codec.ts";
import type { EvidenceItem } from "./evidence.ts";
import {
    type Answered,
    COLUMNS,
    encodeOutcome,
    encodeState,
    encodeWanted,
    type Facts,
    type Inference,
    parseInferences,
    type Signed,
} from "./inference.ts";

const maximumRows = z.tuple([z.object({ maximum: bigintColumn.nullable() })]);
const idRows = z.array(z.object({ id: z.string() }));

/** Columns of a new order; the id is the first. */
export const ORDER_COLUMNS =
    "id, request_id, created_at, stage, state, wanted, requested, input, input_hash, salt, payer, nonce";

/** The values of a new order, in the order of ORDER_COLUMNS. */
export function orderValues(one: Inference): unknown[] {
    return [
        one.id,
        one.requestId,
        one.createdAt,
        one.state.stage,
        encodeState(one.state),
        encodeWanted(one.wanted),
        one.contents === null ? null : JSON.stringify(one.contents.requested),
        one.contents?.input ?? null,
        one.inputHash,
        one.salt,
        one.payer,
        one.nonce,
    ];
}

/** Journals a new order that nobody pays for; false if its request has an inference already. */
export async function insertInference(session: Session, one: Inference): Promise<boolean> {
    const sql = `INSERT INTO inferences (${ORDER_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                 ON CONFLICT DO NOTHING RETURNING id`;
    return read({ schema: idRows, json: await session.query(sql, orderValues(one)) }).length === 1;
}

/** By id; undefined = unknown. */
export async function findInference(session: Session, id: string): Promise<Inference | undefined> {
    return parseInferences(await session.query(`SELECT ${COLUMNS} FROM inferences WHERE id = $1`, [id]))[0];
}

/** By requestId; undefined = unknown, or it failed before anything was signed. */
export async function findByRequestId(session: Session, requestId: Hex): Promise<Inference | undefined> {
    const sql = `SELECT ${COLUMNS} FROM inferences WHERE request_id = $1 AND (stage <> 'failed' OR digest IS NOT NULL)`;
    return parseInferences(await session.query(sql, [requestId]))[0];
}

/** Ids of all that have not come to an end, oldest first. */
export async function unfinished(session: Session): Promise<string[]> {
    const sql = "SELECT id FROM inferences WHERE stage NOT IN ('proven', 'failed', 'refunded') ORDER BY created_at, id";
    return read({ schema: idRows, json: await session.query(sql) }).map(({ id }) => id);
}

/** Ids of ended ones with contents that are older than a time, unix seconds. */
export async function outlived(
    session: Session,
    { before, most }: { before: number; most: number },
): Promise<string[]> {
    const sql = `SELECT id FROM inferences WHERE created_at < $1 AND NOT is_erased
                 AND stage IN ('proven', 'failed', 'refunded') ORDER BY created_at LIMIT $2`;
    return read({ schema: idRows, json: await session.query(sql, [before, most]) }).map(({ id }) => id);
}

/** The greatest sequence given out; undefined before the first. */
export async function lastSequence(session: Session): Promise<number | undefined> {
    const json = await session.query("SELECT max(sequence) AS maximum FROM leaves");
    return read({ schema: maximumRows, json })[0].maximum ?? undefined;
}

/** Journals where an inference stands. */
export async function saveState(session: Session, { id, state }: { id: string; state: State }): Promise<void> {
    const sql = "UPDATE inferences SET stage = $2, state = $3 WHERE id = $1";
    await session.query(sql, [id, state.stage, encodeState(state)]);
}

/** Journals by which transaction a payment was, or may have been, settled, and where that leaves the inference. */
export async function saveTransaction(
    session: Session,
    { id, state }: { id: string; state: State },
    transaction: Hex,
): Promise<void> {
    await session.query(
        `WITH paid AS (UPDATE payments SET tx_hash = $4 WHERE id = $1)
         UPDATE inferences SET stage = $2, state = $3 WHERE id = $1`,
        [id, state.stage, encodeState(state), transaction],
    );
}

/** Journals what came of a run. A later run never replaces it. */
export async function saveAnswer(
    session: Session,
    { id, state, answered }: { id: string; state: State; answered: Answered },
): Promise<void> {
    await session.query(
        `UPDATE inferences SET stage = $2, state = $3, result_code = $4, output = $5, outcome = $6
         WHERE id = $1 AND result_code IS NULL`,
        [id, state.stage, encodeState(state), answered.resultCode, answered.output, encodeOutcome(answered)],
    );
}

/** What is journalled with a statement: its leaf of the log, its signature, and what the registries said. */
type Signing = { one: Inference; signed: Signed; facts: Facts; receiptHash: Hex; item: EvidenceItem };

const SIGNED_COLUMNS = "sequence, digest, statement, context, registry, attestation";

/** The values of a statement, in the order of SIGNED_COLUMNS, and behind them those of its leaf and its signature. */
function signedValues({ signed, facts, receiptHash, item }: Signing): unknown[] {
    return [
        signed.sequence,
        signed.digest,
        JSON.stringify(signed.statement),
        canonicalJson(signed.context),
        JSON.stringify(facts.registry),
        JSON.stringify(facts.attestation),
        receiptHash,
        item.family,
        item.data,
    ];
}

/** Journals a statement. */
export async function saveSigned(session: Session, signing: Signing): Promise<void> {
    const { one } = signing;
    await session.query(
        `WITH leaf AS (INSERT INTO leaves (sequence, id, digest, receipt_hash) VALUES ($4, $1, $5, $10)),
              item AS (INSERT INTO evidence (id, family, data) VALUES ($1, $11, $12))
         UPDATE inferences SET (stage, state, ${SIGNED_COLUMNS}) = ($2, $3, $4, $5, $6, $7, $8, $9) WHERE id = $1`,
        [one.id, one.state.stage, encodeState(one.state), ...signedValues(signing)],
    );
}

/** Journals an order that nobody knew of together with its answer and its statement; a conflict is a fault. */
export async function insertSigned(session: Session, signing: Signing & { answered: Answered }): Promise<void> {
    const { one, answered } = signing;
    await session.query(
        `WITH leaf AS (INSERT INTO leaves (sequence, id, digest, receipt_hash) VALUES ($16, $1, $17, $22)),
              item AS (INSERT INTO evidence (id, family, data) VALUES ($1, $23, $24))
         INSERT INTO inferences (${ORDER_COLUMNS}, result_code, output, outcome, ${SIGNED_COLUMNS})
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
        [...orderValues(one), answered.resultCode, answered.output, encodeOutcome(answered), ...signedValues(signing)],
    );
}

/** Journals items of evidence, and what the registries say of whoever made them; the first of a family stays. */
export async function saveEvidence(
    session: Session,
    { id, state, facts, items }: { id: string; state: State; facts: Facts; items: readonly EvidenceItem[] },
): Promise<void> {
    for (const { family, data } of items) {
        const sql = "INSERT INTO evidence (id, family, data) VALUES ($1, $2, $3) ON CONFLICT (id, family) DO NOTHING";
        await session.query(sql, [id, family, data]);
    }
    await session.query("UPDATE inferences SET stage = $2, state = $3, registry = $4, attestation = $5 WHERE id = $1", [
        id,
        state.stage,
        encodeState(state),
        JSON.stringify(facts.registry),
        JSON.stringify(facts.attestation),
    ]);
}

/** Journals that the money is back. */
export async function saveRefund(
    session: Session,
    { id, state, transaction }: { id: string; state: State; transaction: Hex },
): Promise<void> {
    const sql = "UPDATE inferences SET stage = $2, state = $3, refund_tx = $4 WHERE id = $1";
    await session.query(sql, [id, state.stage, encodeState(state), transaction]);
}

/** Journals what the receipt of an ended inference is worth by itself, which does not change any more. */
export async function saveVerdict(
    session: Session,
    { id, verdict }: { id: string; verdict: JsonObject },
): Promise<void> {
    await session.query("UPDATE inferences SET verdict = $2 WHERE id = $1", [id, JSON.stringify(verdict)]);
}

/** Deletes contents; hashes, statement and evidence stay, and with them what the receipt was worth. */
export async function eraseContents(
    session: Session,
    { id, wanted, verdict }: Pick<Inference, "id" | "wanted" | "verdict">,
): Promise<void> {
    await session.query(
        `UPDATE inferences SET is_erased = true, requested = NULL, input = NULL, output = NULL, context = NULL,
             wanted = $2, verdict = $3
         WHERE id = $1`,
        [id, encodeWanted({ ...wanted, effective: {} }), verdict === undefined ? null : JSON.stringify(verdict)],
    );
}
