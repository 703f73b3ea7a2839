import type { Session } from "@assay/executor/journal";
import * as z from "zod";
import { read } from "./_codec.ts";

/** SHA-256 of the bodies of one call, 64 lower-case hex digits each. */
export type SignedBodies = { requestSha256: string; responseSha256: string };

const rows = z.array(z.object({ request_sha256: z.string(), response_sha256: z.string() }));

/** Journals what went over the wire for an inference. The first answer stays. */
export async function saveBodies(
    session: Session,
    { id, requestSha256, responseSha256 }: SignedBodies & { id: string },
): Promise<void> {
    await session.query(
        `INSERT INTO signed_bodies (id, request_sha256, response_sha256) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO NOTHING`,
        [id, requestSha256, responseSha256],
    );
}

/** What went over the wire for an inference; undefined if nothing did yet. */
export async function findBodies(session: Session, id: string): Promise<SignedBodies | undefined> {
    const sql = "SELECT request_sha256, response_sha256 FROM signed_bodies WHERE id = $1";
    const [row] = read({ schema: rows, json: await session.query(sql, [id]) });
    return row && { requestSha256: row.request_sha256, responseSha256: row.response_sha256 };
}
