import { type Hex, isHex, type Statement } from "@assay/protocol";
import { z } from "zod";
import { decodeStatement, encodeStatement, read } from "./_codec.ts";
import type { Session } from "./database.ts";

/** What the model said: the bytes that are signed and proven, once and for ever. */
export type Output = { resultCode: number; output: Uint8Array; outputHash: Hex };

/** A statement and the digest that every item of evidence commits to. */
export type DatedStatement = { digest: Hex; statement: Statement };

/** One item of evidence, in the form the gate takes. */
export type EvidenceItem = { family: number; data: Uint8Array };

const hex = z.custom<Hex>((value) => isHex(value), "not hex");
const bytes = z.instanceof(Uint8Array);
const outputRows = z.array(z.object({ result_code: z.coerce.number(), output: bytes, output_hash: hex }));
const statementRows = z.array(z.object({ digest: hex, statement: z.unknown() }));
const evidenceRows = z.array(z.object({ family: z.coerce.number(), data: bytes }));

/** Journals an output unless there is one already: a re-run never replaces bytes that may have been signed. */
export async function insertOutput(
    session: Session,
    { requestId, output }: { requestId: Hex; output: Output },
): Promise<void> {
    await session.query(
        `INSERT INTO outputs (request_id, result_code, output, output_hash) VALUES ($1, $2, $3, $4)
         ON CONFLICT (request_id) DO NOTHING`,
        [requestId, output.resultCode, output.output, output.outputHash],
    );
}

/** The journalled output of a request; undefined before it ran. */
export async function findOutput(session: Session, requestId: Hex): Promise<Output | undefined> {
    const sql = "SELECT result_code, output, output_hash FROM outputs WHERE request_id = $1";
    const [row] = read({ schema: outputRows, json: await session.query(sql, [requestId]) });
    return row && { resultCode: row.result_code, output: row.output, outputHash: row.output_hash };
}

/** Journals a statement before anything is made for it. `number` counts from 1; the first of a number stays. */
export async function insertStatement(
    session: Session,
    { digest, statement, number }: DatedStatement & { number: number },
): Promise<void> {
    await session.query(
        `INSERT INTO statements (digest, request_id, number, statement) VALUES ($1, $2, $3, $4)
         ON CONFLICT (request_id, number) DO NOTHING`,
        [digest, statement.requestId, number, encodeStatement(statement)],
    );
}

/** The newest statement of a request; undefined before there is one. */
export async function findStatement(session: Session, requestId: Hex): Promise<DatedStatement | undefined> {
    const sql = "SELECT digest, statement FROM statements WHERE request_id = $1 ORDER BY number DESC LIMIT 1";
    const [row] = read({ schema: statementRows, json: await session.query(sql, [requestId]) });
    return row && { digest: row.digest, statement: decodeStatement(row.statement) };
}

/** Journals an item of evidence unless its statement has one of this family already. */
export async function insertEvidence(
    session: Session,
    { digest, item }: { digest: Hex; item: EvidenceItem },
): Promise<void> {
    const sql =
        "INSERT INTO evidence (digest, family, data) VALUES ($1, $2, $3) ON CONFLICT (digest, family) DO NOTHING";
    await session.query(sql, [digest, item.family, item.data]);
}

/** The items of evidence for a statement, ascending by family as the gate wants them. */
export async function findEvidence(session: Session, digest: Hex): Promise<EvidenceItem[]> {
    const sql = "SELECT family, data FROM evidence WHERE digest = $1 ORDER BY family";
    return read({ schema: evidenceRows, json: await session.query(sql, [digest]) });
}
