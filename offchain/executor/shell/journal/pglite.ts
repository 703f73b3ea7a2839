import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { DURABLE_START, DurableFolder } from "./_durableFolder.ts";
import { createStatements, type Statements } from "./_statements.ts";
import type { Database, Session } from "./database.ts";
import { lockFile } from "./lock.ts";

/** Opens the embedded database of one directory, for this process alone. A commit survives a power cut. */
export async function openPglite({ directory }: { directory: string }): Promise<Database> {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const lock = lockFile({ path: join(directory, "lock") });
    try {
        const fs = new DurableFolder(join(directory, "db"));
        const pglite = await PGlite.create({ fs, startParams: DURABLE_START, relaxedDurability: false });
        fs.syncAll();
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
    const statements = createStatements(pglite);
    const inTurn = createTurns();
    let isClosed = false;
    const take = <T>(work: () => Promise<T>): Promise<T> =>
        inTurn(() => {
            if (isClosed) throw new Error("The database is closed.");
            return work();
        });
    return {
        query: (sql, parameters) =>
            take(async () => (await statements.run(await statements.prepare(sql), { parameters })).rows),
        transaction: (work) => take(() => transact(statements, work)),
        close: () =>
            take(async () => {
                isClosed = true;
                if (!statements.isBroken()) await pglite.close();
                onClose();
            }),
    };
}

/** One work at a time, in the order in which they came. */
function createTurns() {
    let last: Promise<unknown> = Promise.resolve();
    return <T>(work: () => Promise<T>): Promise<T> => {
        const taken = last.then(work);
        last = taken.catch(() => {});
        return taken;
    };
}

/** The first statement takes BEGIN along with it; a transaction without statements is none. */
async function transact<T>(statements: Statements, work: (session: Session) => Promise<T>): Promise<T> {
    const begin = await statements.prepare("BEGIN");
    let isBegun = false;
    let isOver = false;
    const query: Session["query"] = async (sql, parameters) => {
        if (isOver) throw new Error("The transaction is over.");
        const prepared = await statements.prepare(sql);
        const behind = isBegun ? [] : [begin];
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
}
