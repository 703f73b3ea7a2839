import type { Hex } from "@assay/protocol";
import { z } from "zod";
import { read } from "./_codec.ts";
import type { Session } from "./database.ts";

const receiptRows = z.array(z.object({ receipt: z.string() }));

/** Keeps a receipt; a later one (the delivery moved to another block) takes its place. */
export async function saveReceipt(
    session: Session,
    { requestId, receipt }: { requestId: Hex; receipt: string },
): Promise<void> {
    await session.query(
        `INSERT INTO receipts (request_id, receipt) VALUES ($1, $2)
         ON CONFLICT (request_id) DO UPDATE SET receipt = $2`,
        [requestId, receipt],
    );
}

/** JSON text of a receipt; undefined while there is none. */
export async function findReceipt(session: Session, requestId: Hex): Promise<string | undefined> {
    const json = await session.query("SELECT receipt FROM receipts WHERE request_id = $1", [requestId]);
    return read({ schema: receiptRows, json })[0]?.receipt;
}
