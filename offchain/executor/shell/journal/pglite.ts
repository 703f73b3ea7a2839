import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import type { Database, Row, Session } from "./database.ts";
import { lockFile } from "./lock.ts";

/** Opens the embedded database of one directory, for this process alone. Every commit is on disk when it returns. */
export async function openPglite({ directory }: { directory: string }): Promise<Database> {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const lock = lockFile({ path: join(directory, "lock") });
    try {
        const pglite = await PGlite.create({ dataDir: join(directory, "db"), relaxedDurability: false });
        return databaseOf({ pglite, onClose: lock.release });
    } catch (cause) {
        lock.release();
        throw cause;
    }
}

/** A database in memory, which ends with the process. */
export async function openMemory(): Promise<Database> {
    return databaseOf({ pglite: await PGlite.create(), onClose: () => {} });
}

function databaseOf({ pglite, onClose }: { pglite: PGlite; onClose: () => void }): Database {
    return {
        ...sessionOf(pglite),
        transaction: (work) => pglite.transaction((transaction) => work(sessionOf(transaction))),
        close: async () => {
            await pglite.close();
            onClose();
        },
    };
}

function sessionOf(runner: Pick<PGlite, "query">): Session {
    return {
        query: async (sql, parameters = []) => (await runner.query<Row>(sql, [...parameters])).rows,
    };
}
