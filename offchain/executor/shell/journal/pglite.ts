import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { createCheckpoints } from "./_checkpoints.ts";
import { DURABLE_START, DurableFolder, syncNames } from "./_durableFolder.ts";
import { createLine } from "./_line.ts";
import { createStatements, type Statements } from "./_statements.ts";
import type { Database, Session } from "./database.ts";
import { lockFile } from "./lock.ts";

/** Opens the embedded database of one directory, for this process alone. A commit survives a power cut. */
export async function openPglite({ directory }: { directory: string }): Promise<Database> {
    const folder = resolve(directory);
    const firstMade = mkdirSync(folder, { recursive: true, mode: 0o700 });
    const lock = lockFile({ path: join(folder, "lock") });
    try {
        const fs = new DurableFolder(join(folder, "db"));
        const pglite = await PGlite.create({ fs, startParams: DURABLE_START, relaxedDurability: false });
        fs.syncAll();
        syncNames(folder, { firstMade });
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

/** Put before a statement, it is recorded without waiting for the disk. */
const UNAWAITED = "SELECT set_config('synchronous_commit', 'off', true)";
/** Waits until the disk has all that was recorded. */
const FLUSH = "SELECT pg_logical_emit_message(false, '', '', true)";

function databaseOf({ pglite, onClose }: { pglite: PGlite; onClose: () => void }): Database {
    const statements = createStatements(pglite);
    const line = createLine({ flush: () => flush(statements), tend: createCheckpoints(statements) });
    return {
        query: (sql, parameters) =>
            line.share(async (isShared) => {
                const prepared = await statements.prepare(sql);
                const behind = isShared ? [await statements.prepare(UNAWAITED)] : [];
                return (await statements.run(prepared, { parameters, behind })).rows;
            }),
        transaction: (work) => line.alone(() => transact(statements, work)),
        close: () =>
            line.alone(async () => {
                await statements.close();
                onClose();
            }),
    };
}

/**
 * The first statement takes BEGIN along with it; a transaction without statements is none. It waits for the disk behind its
 * COMMIT: a database whose disk fails within a transaction never answers again.
 */
async function transact<T>(statements: Statements, work: (session: Session) => Promise<T>): Promise<T> {
    const begin = await statements.prepare("BEGIN");
    const unawaited = await statements.prepare(UNAWAITED);
    let isBegun = false;
    let isOver = false;
    const query: Session["query"] = async (sql, parameters) => {
        if (isOver) throw new Error("The transaction is over.");
        const prepared = await statements.prepare(sql);
        const behind = isBegun ? [] : [begin, unawaited];
        isBegun = true;
        return (await statements.run(prepared, { parameters, behind })).rows;
    };
    try {
        const result = await work({ query });
        isOver = true;
        if (isBegun) await commit(statements);
        return result;
    } catch (error) {
        isOver = true;
        if (isBegun) await statements.run(await statements.prepare("ROLLBACK"));
        throw error;
    }
}

/** A database takes back what has failed, whoever caught the fault meanwhile, and says so only here. */
async function commit(statements: Statements): Promise<void> {
    const { command } = await statements.run(await statements.prepare("COMMIT"));
    if (command !== "COMMIT") throw new Error("The transaction was taken back: one of its statements had failed.");
    await flush(statements);
}

async function flush(statements: Statements): Promise<void> {
    await statements.run(await statements.prepare(FLUSH));
}
