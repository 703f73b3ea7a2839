import { ProtocolError } from "@assay/protocol";
import { z } from "zod";
import type { Database } from "./database.ts";

/** One step of a schema. Written once, never edited after a release: a change is another migration. */
export type Migration = { version: number; name: string; statements: readonly string[] };

const versionRows = z.array(z.object({ version: z.coerce.number() }));

/** Brings a database to the newest of these, one transaction per migration; throws EXECUTOR_DATABASE_NEWER for one beyond. */
export async function migrate({
    database,
    migrations,
}: {
    database: Database;
    migrations: readonly Migration[];
}): Promise<void> {
    await database.query(
        `CREATE TABLE IF NOT EXISTS migrations (
            version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
    );
    const applied = versionRows.parse(await database.query("SELECT version FROM migrations"));
    const newest = migrations.at(-1)?.version ?? 0;
    const unknown = applied.find(({ version }) => version > newest);
    if (unknown !== undefined) {
        const message = `The journal has schema ${unknown.version}; this version knows ${newest}.`;
        throw new ProtocolError({ code: "EXECUTOR_DATABASE_NEWER", message });
    }
    for (const { version, name, statements } of migrations) {
        if (applied.some((row) => row.version === version)) continue;
        await database.transaction(async (session) => {
            for (const statement of statements) await session.query(statement);
            await session.query("INSERT INTO migrations (version, name) VALUES ($1, $2)", [version, name]);
        });
    }
}
