import type { Session } from "@assay/executor/journal";
import type { Hex } from "@assay/protocol";
import * as z from "zod";
import { bytes, hex, read } from "./_codec.ts";

/** One item of evidence, in the form that gates take. */
export type EvidenceItem = { family: number; data: Uint8Array };

const itemRows = z.array(z.object({ family: z.coerce.number(), data: bytes }));
const leafRows = z.array(z.object({ receipt_hash: hex }));

/** The evidence of an inference, ascending by family. */
export async function findEvidence(session: Session, id: string): Promise<EvidenceItem[]> {
    const sql = "SELECT family, data FROM evidence WHERE id = $1 ORDER BY family";
    return read({ schema: itemRows, json: await session.query(sql, [id]) });
}

/** The receiptHash that went into the log; undefined before there is a statement. */
export async function findReceiptHash(session: Session, id: string): Promise<Hex | undefined> {
    const json = await session.query("SELECT receipt_hash FROM leaves WHERE id = $1", [id]);
    return read({ schema: leafRows, json })[0]?.receipt_hash;
}
