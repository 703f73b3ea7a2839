import type { Database, Migration } from "@assay/executor/journal";
import { z } from "zod";

/** The table of what was said over HTTP, by hashes alone. */
export const BODY_HASHES_MIGRATION: Migration = {
    version: 5,
    name: "hashes of HTTP bodies",
    statements: [
        `CREATE TABLE body_hashes (
            id text PRIMARY KEY, model text NOT NULL, request_sha256 text NOT NULL, response_sha256 text NOT NULL)`,
    ],
};

const hashRow = z.object({ model: z.string(), request_sha256: z.string(), response_sha256: z.string() });

/** sha256 of the bytes of one exchange; hex without 0x, as verifiers of Phala and NEAR AI read them. */
export type Exchange = { id: string; model: string; requestSha256: string; responseSha256: string };

/** Hashes of bodies by the inference's id. */
export type BodyHashes = {
    /** Whoever comes back for an answer may send, and get, other bytes: the newest exchange counts. */
    keep: (exchange: Exchange) => Promise<void>;
    find: (id: string) => Promise<Exchange | undefined>;
};

/** Keeps them in the gateway's journal. */
export function createBodyHashes({ database }: { database: Database }): BodyHashes {
    return {
        keep: async ({ id, model, requestSha256, responseSha256 }) => {
            await database.query(
                `INSERT INTO body_hashes (id, model, request_sha256, response_sha256) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (id) DO UPDATE SET
                    model = excluded.model, request_sha256 = excluded.request_sha256,
                    response_sha256 = excluded.response_sha256`,
                [id, model, requestSha256, responseSha256],
            );
        },
        find: async (id) => {
            const sql = "SELECT model, request_sha256, response_sha256 FROM body_hashes WHERE id = $1";
            const [row] = await database.query(sql, [id]);
            if (row === undefined) return undefined;
            const { model, request_sha256, response_sha256 } = hashRow.parse(row);
            return { id, model, requestSha256: request_sha256, responseSha256: response_sha256 };
        },
    };
}
