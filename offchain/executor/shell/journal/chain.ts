import { type Hex, isHex } from "@assay/protocol";
import { z } from "zod";
import type { BlockRef, Head } from "../../core/state.ts";
import { read } from "./_codec.ts";
import type { Session } from "./database.ts";

/** What a log told: one kind per event that matters. */
export type LogKind = "requested" | "pullRequested" | "settled";

/** A log that led to a decision, by where it is. */
export type LogPlace = { block: BlockRef; logIndex: number; txHash: Hex };

const hex = z.custom<Hex>((value) => isHex(value), "not hex");
const headRows = z.array(z.object({ number: z.coerce.number(), hash: hex, timestamp: z.coerce.bigint() }));
const blockRows = z.array(z.object({ number: z.coerce.number(), hash: hex }));
const removedRows = z.array(z.object({ kind: z.enum(["requested", "pullRequested", "settled"]), request_id: hex }));
const foundRows = z.array(z.unknown());

/** The newest block that was dealt with; undefined before the first. */
export async function findHead(session: Session): Promise<Head | undefined> {
    return read({ schema: headRows, json: await session.query("SELECT number, hash, timestamp FROM head") })[0];
}

/** Records the newest block that was dealt with. */
export async function saveHead(session: Session, { number, hash, timestamp }: Head): Promise<void> {
    await session.query(
        `INSERT INTO head (number, hash, timestamp) VALUES ($1, $2, $3)
         ON CONFLICT (one) DO UPDATE SET number = $1, hash = $2, timestamp = $3`,
        [number, hash, timestamp],
    );
}

/** The blocks that are remembered, newest first. */
export async function rememberedBlocks(session: Session): Promise<BlockRef[]> {
    const sql = "SELECT number, hash FROM blocks ORDER BY number DESC";
    return read({ schema: blockRows, json: await session.query(sql) });
}

/** Remembers a block, and forgets those more than `keep` below it. */
export async function rememberBlock(
    session: Session,
    { number, hash, parentHash, keep }: BlockRef & { parentHash: Hex; keep: number },
): Promise<void> {
    await session.query(
        `INSERT INTO blocks (number, hash, parent_hash) VALUES ($1, $2, $3)
         ON CONFLICT (number) DO UPDATE SET hash = $2, parent_hash = $3`,
        [number, hash, parentHash],
    );
    await session.query("DELETE FROM blocks WHERE number <= $1", [number - keep]);
}

/** Records a log; false if it was known already, true if it is new or its block came back. */
export async function insertLog(
    session: Session,
    { place, kind, requestId }: { place: LogPlace; kind: LogKind; requestId: Hex },
): Promise<boolean> {
    const { block, logIndex, txHash } = place;
    const json = await session.query(
        `INSERT INTO logs (block_hash, log_index, block_number, tx_hash, kind, request_id) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (block_hash, log_index) DO UPDATE SET removed = false WHERE logs.removed RETURNING kind`,
        [block.hash, logIndex, block.number, txHash, kind, requestId],
    );
    return read({ schema: foundRows, json }).length > 0;
}

/**
 * Forgets all blocks above a number, and says which logs went with them, newest first. Nonces that were used up there
 * are open again.
 */
export async function removeAbove(
    session: Session,
    { number }: { number: number },
): Promise<{ kind: LogKind; requestId: Hex }[]> {
    await session.query("DELETE FROM blocks WHERE number > $1", [number]);
    await session.query("DELETE FROM spent_nonces WHERE block_number > $1", [number]);
    const json = await session.query(
        `WITH gone AS (
            UPDATE logs SET removed = true WHERE block_number > $1 AND NOT removed
            RETURNING kind, request_id, block_number, log_index)
         SELECT kind, request_id FROM gone ORDER BY block_number DESC, log_index DESC`,
        [number],
    );
    return read({ schema: removedRows, json }).map(({ kind, request_id }) => ({ kind, requestId: request_id }));
}

/** Fixes what this journal belongs to at its first use, and afterwards compares; gives the name that differs. */
export async function checkIdentity(
    session: Session,
    identity: Record<string, string>,
): Promise<{ name: string; recorded: string } | undefined> {
    const rows = z.array(z.object({ value: z.string() }));
    for (const [name, value] of Object.entries(identity)) {
        const sql = "INSERT INTO identity (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        await session.query(sql, [name, value]);
        const json = await session.query("SELECT value FROM identity WHERE name = $1", [name]);
        const recorded = read({ schema: rows, json })[0]?.value ?? "";
        if (recorded !== value) return { name, recorded };
    }
    return undefined;
}
