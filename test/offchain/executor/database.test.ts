import files from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock } from "node:test";
import { expect } from "chai";
import type { Database } from "../../../offchain/executor/shell/journal/database.ts";
import { openMemory, openPglite } from "../../../offchain/executor/shell/journal/pglite.ts";

/** A database is written when it is opened for the first time. */
const OPEN_TIMEOUT_MS = 60_000;
const UNIQUE_VIOLATION = "23505";
const UNDEFINED_COLUMN = "42703";

describe("executor: embedded database", function () {
    this.timeout(OPEN_TIMEOUT_MS);
    let database: Database;
    before(async () => {
        database = await openMemory();
        await database.query("CREATE TABLE notes (id int PRIMARY KEY, name text, data bytea, facts json, big bigint)");
    });
    beforeEach(() => database.query("DELETE FROM notes"));
    after(() => database.close());

    const insert = (id: number, session: Pick<Database, "query"> = database) =>
        session.query("INSERT INTO notes (id, name) VALUES ($1, $2) RETURNING id", [id, `note ${id}`]);
    const ids = async () => (await database.query("SELECT id FROM notes ORDER BY id")).map(({ id }) => id);

    it("gives back what it was given, of each type, and nothing where nothing was", async () => {
        const sql = "INSERT INTO notes (id, name, data, facts, big) VALUES ($1, $2, $3, $4, $5)";
        await database.query(sql, [1, "a'$1\\ü", new Uint8Array([0, 255, 92]), JSON.stringify({ a: [1] }), 7n]);
        await database.query(sql, [2, null, new Uint8Array(), undefined, null]);

        const rows = await database.query("SELECT * FROM notes ORDER BY id");

        expect(rows).to.deep.equal([
            { id: 1, name: "a'$1\\ü", data: new Uint8Array([0, 255, 92]), facts: { a: [1] }, big: 7 },
            { id: 2, name: null, data: new Uint8Array(), facts: null, big: null },
        ]);
    });

    it("runs the same text again with other values, also after it failed", async () => {
        expect(await insert(1)).to.deep.equal([{ id: 1 }]);
        expect(await codeOf(insert(1))).to.equal(UNIQUE_VIOLATION);
        expect(await insert(2)).to.deep.equal([{ id: 2 }]);

        expect(await ids()).to.deep.equal([1, 2]);
    });

    it("prepares a text that was refused before, once what it names is there", async () => {
        const sql = "SELECT later FROM notes";
        expect(await codeOf(database.query(sql))).to.equal(UNDEFINED_COLUMN);
        await database.query("ALTER TABLE notes ADD COLUMN later int");

        expect(await database.query(sql)).to.deep.equal([]);
    });

    it("records all of a transaction", async () => {
        const result = await database.transaction(async (session) => {
            await insert(1, session);
            return insert(2, session);
        });

        expect(result).to.deep.equal([{ id: 2 }]);
        expect(await ids()).to.deep.equal([1, 2]);
    });

    it("stops at a statement that its runtime breaks off, and confirms neither that nor anything later", async () => {
        const memory = await openMemory();
        await memory.query("CREATE TABLE notes (facts json)");
        const nested = "[".repeat(20_000) + "]".repeat(20_000);

        const broken = await codeOf(memory.query("INSERT INTO notes (facts) VALUES ($1)", [nested]));
        const later = await codeOf(memory.query("SELECT 1"));
        await memory.close();

        expect([broken, later]).to.deep.equal(["EXECUTOR_DATABASE_BROKEN", "EXECUTOR_DATABASE_BROKEN"]);
    });

    it("records nothing of a transaction whose work failed, whichever statement it was", async () => {
        const fault = new Error("changed its mind");
        const failing = database.transaction(async (session) => {
            await insert(1, session);
            throw fault;
        });
        expect(await failing.catch((error: unknown) => error)).to.equal(fault);
        const first = database.transaction((session) => session.query("SELECT 1 / ($1::int)", [0]));
        expect(await codeOf(first)).to.equal("22012");
        const unknown = database.transaction((session) => session.query("SELECT nothing_such"));
        expect(await codeOf(unknown)).to.equal(UNDEFINED_COLUMN);

        expect(await insert(3)).to.deep.equal([{ id: 3 }]);
        expect(await ids()).to.deep.equal([3]);
    });

    it("says that nothing was recorded to work that caught the fault of a statement", async () => {
        const swallowing = database.transaction(async (session) => {
            await insert(1, session);
            await insert(1, session).catch(() => {});
        });

        const error = await swallowing.catch((fault: unknown) => fault);

        expect(error).to.be.instanceOf(Error).with.property("message").that.includes("taken back");
        expect(await ids()).to.deep.equal([]);
    });

    it("lets nobody into a transaction, and nobody go on with one that is over", async () => {
        const inside = Promise.withResolvers<void>();
        let kept: Pick<Database, "query"> | undefined;
        const changing = database.transaction(async (session) => {
            kept = session;
            await insert(1, session);
            await inside.promise;
            throw new Error("taken back");
        });
        const outside = insert(2);
        inside.resolve();
        await Promise.allSettled([changing, outside]);

        expect(await ids()).to.deep.equal([2]);
        const error = await kept?.query("SELECT 1").catch((fault: unknown) => fault);
        expect(error).to.be.instanceOf(Error).with.property("message", "The transaction is over.");
    });

    it("runs statements of one transaction that were begun together in their order", async () => {
        await database.transaction((session) => Promise.all([1, 2, 3].map((id) => insert(id, session))));

        expect(await ids()).to.deep.equal([1, 2, 3]);
    });

    describe("in a folder", () => {
        let directory: string;
        beforeEach(async () => {
            directory = await mkdtemp(join(tmpdir(), "assay-database-"));
        });
        afterEach(() => rm(directory, { recursive: true }));

        it("keeps what was recorded when it is closed, and answers nothing afterwards", async () => {
            const first = await openPglite({ directory });
            await first.query("CREATE TABLE kept (id int)");
            await first.transaction((session) => session.query("INSERT INTO kept (id) VALUES ($1)", [4]));
            await first.close();
            const error = await first.query("SELECT 1").catch((fault: unknown) => fault);
            expect(error).to.be.instanceOf(Error).with.property("message", "The database is closed.");

            const second = await openPglite({ directory });
            const rows = await second.query("SELECT id FROM kept").finally(second.close);

            expect(rows).to.deep.equal([{ id: 4 }]);
        });

        it("waits for the disk at each commit, and at no other time", async () => {
            const opened = await openPglite({ directory });
            await opened.query("CREATE TABLE kept (id int)");
            const synced = mockedSync();
            try {
                await opened.query("INSERT INTO kept (id) VALUES (1)");
                expect(synced.mock.callCount()).to.equal(1);
                await opened.query("SELECT id FROM kept");
                expect(synced.mock.callCount()).to.equal(1);
            } finally {
                restore(synced);
                await opened.close();
            }
        });

        it("waits once for statements that wait together, of which each fails by itself", async () => {
            const opened = await openPglite({ directory });
            await opened.query("CREATE TABLE kept (id int PRIMARY KEY)");
            const synced = mockedSync();
            try {
                const keep = (id: number) => opened.query("INSERT INTO kept (id) VALUES ($1) RETURNING id", [id]);
                const kept = await Promise.allSettled([1, 2, 1, 3].map(keep));

                expect(kept.map(({ status }) => status)).to.deep.equal([
                    ...["fulfilled", "fulfilled", "rejected", "fulfilled"],
                ]);
                expect(synced.mock.callCount()).to.equal(1);
            } finally {
                restore(synced);
                await opened.close();
            }
        });

        it("confirms no transaction that the disk refused, whatever it says", async () => {
            const opened = await openPglite({ directory });
            await opened.query("CREATE TABLE kept (id int)");
            const synced = mockedSync(() => {
                throw Object.assign(new Error("quota exceeded, fsync"), { code: "Unknown system error -122" });
            });
            const keeping = opened.transaction((session) => session.query("INSERT INTO kept (id) VALUES (1)"));
            const refused = await codeOf(keeping);
            restore(synced);
            const later = await codeOf(opened.query("SELECT id FROM kept"));
            await opened.close();

            expect([refused, later]).to.deep.equal(["EXECUTOR_DATABASE_BROKEN", "EXECUTOR_DATABASE_BROKEN"]);
        });

        it("uses its log again, however long it runs", async () => {
            const opened = await openPglite({ directory });
            try {
                const redo = "SELECT redo_lsn::text FROM pg_control_checkpoint()";
                const before = await opened.query(redo);
                await opened.query("CREATE TABLE kept AS SELECT id, md5(id::text) FROM generate_series(1, 400000) id");
                for (let work = 0; work < 300; work++) await opened.query("SELECT 1");

                expect(await opened.query(redo)).to.not.deep.equal(before);
                expect(await opened.query("SELECT count(*)::int AS count FROM kept")).to.deep.equal([
                    { count: 400_000 },
                ]);
            } finally {
                await opened.close();
            }
        });

        it("confirms none of those that wait together when the disk refuses", async () => {
            const opened = await openPglite({ directory });
            await opened.query("CREATE TABLE kept (id int)");
            const synced = mockedSync(refuse);
            const insert = "INSERT INTO kept (id) VALUES (1)";
            const codes = await Promise.all(
                [insert, insert, "SELECT id FROM kept"].map((sql) => codeOf(opened.query(sql))),
            );
            restore(synced);
            await opened.close();

            expect(codes).to.deep.equal(Array(3).fill("EXECUTOR_DATABASE_BROKEN"));
        });

        it("confirms nothing that the disk refused, stops there, and goes on when it is opened again", async () => {
            const opened = await openPglite({ directory });
            await opened.query("CREATE TABLE kept (id int)");
            await opened.query("INSERT INTO kept (id) VALUES (1)");
            const synced = mockedSync(refuse);
            const refused = await codeOf(opened.query("INSERT INTO kept (id) VALUES (2)"));
            restore(synced);
            const later = await codeOf(opened.query("SELECT id FROM kept"));
            await opened.close();
            expect([refused, later]).to.deep.equal(["EXECUTOR_DATABASE_BROKEN", "EXECUTOR_DATABASE_BROKEN"]);

            const again = await openPglite({ directory });
            const rows = await again.query("SELECT id FROM kept WHERE id = 1").finally(again.close);

            expect(rows).to.deep.equal([{ id: 1 }]);
        });
    });
});

/** Stands in for what makes the disk have a file, until it is restored. */
function mockedSync(sync: (file: number) => void = files.fsyncSync) {
    const synced = mock.method(files, "fsyncSync", sync);
    syncBuiltinESMExports();
    return synced;
}

function refuse(): never {
    throw Object.assign(new Error("EIO: i/o error, fsync"), { code: "EIO" });
}

function restore(synced: ReturnType<typeof mockedSync>): void {
    synced.mock.restore();
    syncBuiltinESMExports();
}

/** Code of what a query failed by: a SQLSTATE, or one of ours. */
async function codeOf(query: Promise<unknown>): Promise<unknown> {
    const error = await query.then(
        () => undefined,
        (fault: unknown) => fault,
    );
    return error instanceof Error && "code" in error ? error.code : error;
}
