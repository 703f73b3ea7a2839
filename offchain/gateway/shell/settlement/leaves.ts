import type { Session } from "@assay/executor/journal";
import { z } from "zod";
import type { LeafRow } from "../../core/settlement.ts";

// Text and not hex: what a damaged row holds is for core/settlement.ts to judge.
const leafRows = z.array(
    z
        .object({ sequence: z.coerce.number(), digest: z.string(), receipt_hash: z.string() })
        .transform(({ receipt_hash, ...rest }): LeafRow => ({ ...rest, receiptHash: receipt_hash })),
);
const countRows = z.tuple([z.object({ count: z.coerce.number() })]);

/** Leaves from a sequence on, ascending. */
export async function leavesFrom(
    session: Session,
    { sequence, most }: { sequence: number; most: number },
): Promise<LeafRow[]> {
    const sql = "SELECT sequence, digest, receipt_hash FROM leaves WHERE sequence >= $1 ORDER BY sequence LIMIT $2";
    return leafRows.parse(await session.query(sql, [sequence, most]));
}

/** Number of leaves from a sequence on. */
export async function countFrom(session: Session, sequence: number): Promise<number> {
    const rows = await session.query("SELECT count(*) AS count FROM leaves WHERE sequence >= $1", [sequence]);
    return countRows.parse(rows)[0].count;
}

/** The leaf of an inference; undefined while it has none. */
export async function leafById(session: Session, id: string): Promise<LeafRow | undefined> {
    const rows = await session.query("SELECT sequence, digest, receipt_hash FROM leaves WHERE id = $1", [id]);
    return leafRows.parse(rows)[0];
}
