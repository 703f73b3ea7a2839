import type { Session } from "@assay/executor/journal";
import { bytesToHex, type Hex, hexToBytes, isHex } from "@assay/protocol";
import { z } from "zod";

/** One batch of the journal. */
export type Batch = {
    firstSequence: number;
    count: number;
    root: Hex;
    depth: number;
    /** Where the leaves can be read, as it is posted; may be empty. */
    data: string;
    /** Newest block when it was made: it is in the log in no earlier one. */
    madeAtBlock: number;
    /** Its number among the executor's, once that is beyond doubt. */
    batch: number | undefined;
    /** By which transaction; undefined also where the endpoint has forgotten. */
    transaction: Hex | undefined;
};

const LEAF_BYTES = 32;
const COLUMNS = "first_sequence, leaf_count, root, depth, data, made_at_block, batch, tx_hash";

const hex = z.custom<Hex>((value) => isHex(value, 32), "not a hash");
const batchRows = z.array(
    z
        .object({
            first_sequence: z.coerce.number(),
            leaf_count: z.number(),
            root: hex,
            depth: z.number(),
            data: z.string(),
            made_at_block: z.coerce.number(),
            batch: z.coerce.number().nullable(),
            tx_hash: hex.nullable(),
        })
        .transform(
            ({ first_sequence, leaf_count, made_at_block, tx_hash, batch, ...rest }): Batch => ({
                ...rest,
                firstSequence: first_sequence,
                count: leaf_count,
                madeAtBlock: made_at_block,
                batch: batch ?? undefined,
                transaction: tx_hash ?? undefined,
            }),
        ),
);
const leavesRows = z.array(z.object({ leaves: z.instanceof(Uint8Array) }));
const sendRows = z.array(z.object({ tx_hash: hex }));

/** Journals a batch and its leaves. */
export async function insertBatch(session: Session, batch: Batch, leaves: readonly Hex[]): Promise<void> {
    const { firstSequence, count, root, depth, data, madeAtBlock } = batch;
    const bytes = new Uint8Array(leaves.length * LEAF_BYTES);
    for (const [at, leaf] of leaves.entries()) bytes.set(hexToBytes(leaf), at * LEAF_BYTES);
    await session.query(
        `INSERT INTO batches (first_sequence, leaf_count, root, depth, data, leaves, made_at_block)
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [firstSequence, count, root, depth, data, bytes, madeAtBlock],
    );
}

/** Batches of which it is not beyond doubt that the log holds them, ascending. */
export async function openBatches(session: Session): Promise<Batch[]> {
    return batchRows.parse(
        await session.query(`SELECT ${COLUMNS} FROM batches WHERE batch IS NULL ORDER BY first_sequence`),
    );
}

/** The newest batch that the log holds; undefined before the first. */
export async function lastSettled(session: Session): Promise<Batch | undefined> {
    const sql = `SELECT ${COLUMNS} FROM batches WHERE batch IS NOT NULL ORDER BY first_sequence DESC LIMIT 1`;
    return batchRows.parse(await session.query(sql))[0];
}

/** The batch that a sequence is in; undefined if none is. */
export async function batchWith(session: Session, sequence: number): Promise<Batch | undefined> {
    const rows = await session.query(
        `SELECT ${COLUMNS} FROM batches WHERE first_sequence <= $1 AND first_sequence + leaf_count > $1`,
        [sequence],
    );
    return batchRows.parse(rows)[0];
}

/** The leaves of a batch as they were hashed; undefined if there is no such batch. */
export async function leavesOf(session: Session, firstSequence: number): Promise<Hex[] | undefined> {
    const rows = await session.query("SELECT leaves FROM batches WHERE first_sequence = $1", [firstSequence]);
    const bytes = leavesRows.parse(rows)[0]?.leaves;
    if (bytes === undefined) return undefined;
    return Array.from({ length: bytes.length / LEAF_BYTES }, (_, at) =>
        bytesToHex(bytes.subarray(at * LEAF_BYTES, (at + 1) * LEAF_BYTES)),
    );
}

/** Records that the log holds a batch. */
export async function settleBatch(
    session: Session,
    { firstSequence, batch, transaction }: { firstSequence: number; batch: number; transaction: Hex | undefined },
): Promise<void> {
    await session.query("UPDATE batches SET batch = $2, tx_hash = $3 WHERE first_sequence = $1", [
        firstSequence,
        batch,
        transaction ?? null,
    ]);
}

/** Takes back that the log holds the batches that end beyond a sequence; returns how many. */
export async function reopenBatches(session: Session, nextSequence: number): Promise<number> {
    const rows = await session.query(
        `UPDATE batches SET batch = NULL, tx_hash = NULL
         WHERE batch IS NOT NULL AND first_sequence + leaf_count > $1 RETURNING first_sequence`,
        [nextSequence],
    );
    return rows.length;
}

/** Forgets a batch that the log can never hold. */
export async function deleteBatch(session: Session, firstSequence: number): Promise<void> {
    await session.query("DELETE FROM batches WHERE first_sequence = $1", [firstSequence]);
    await session.query("DELETE FROM batch_sends WHERE first_sequence = $1", [firstSequence]);
}

/** Journals a transaction that posts a batch. */
export async function insertSend(session: Session, parts: { hash: Hex; firstSequence: number }): Promise<void> {
    await session.query(
        "INSERT INTO batch_sends (tx_hash, first_sequence) VALUES ($1, $2) ON CONFLICT (tx_hash) DO NOTHING",
        [parts.hash, parts.firstSequence],
    );
}

/** Transactions that were sent to post a batch. */
export async function sendsOf(session: Session, firstSequence: number): Promise<Hex[]> {
    const rows = await session.query("SELECT tx_hash FROM batch_sends WHERE first_sequence = $1", [firstSequence]);
    return sendRows.parse(rows).map(({ tx_hash }) => tx_hash);
}
