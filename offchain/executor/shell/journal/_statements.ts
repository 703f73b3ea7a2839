import { explainError, ProtocolError } from "@assay/protocol";
import { messages as messagesOf, type PGlite, parse, protocol } from "@electric-sql/pglite";
import type { Row } from "./database.ts";

const { serialize } = protocol;
/** Severities after which the database is no more. */
const END_OF_ALL = new Set<unknown>(["FATAL", "PANIC"]);

type Message = Parameters<typeof parse.parseResults>[0][number];

/** A statement that the database has parsed: the types it takes, and what describes its rows. */
export type Prepared = { name: string; types: readonly number[]; shape: readonly Message[] };

/** Statements of one embedded database, each parsed once: that takes longer than to run it. */
export type Statements = {
    /** Statements stay prepared until the database is closed: texts are constants of the program, never put together. */
    prepare: (sql: string) => Promise<Prepared>;
    /** Runs a statement, behind others without parameters that go into the database with it. */
    run: (
        prepared: Prepared,
        parts?: { parameters?: readonly unknown[] | undefined; behind?: readonly Prepared[] },
    ) => Promise<{ rows: Row[]; command: string | undefined }>;
    /** Closes the database, once. */
    close: () => Promise<void>;
};

/** Nothing is prepared yet. After the database could not write, all throws EXECUTOR_DATABASE_BROKEN until it is closed. */
export function createStatements(pglite: PGlite): Statements {
    const known = new Map<string, Promise<Prepared>>();
    let named = 0;

    const closed = new Error("The database is closed.");
    /** Why nothing more is asked of the database: one that stopped would never answer. */
    let ended: Error | undefined;

    const stop = ({ message }: Error): Error => {
        const said = `${explainError("EXECUTOR_DATABASE_BROKEN").meaning} It said: ${message}.`;
        ended = new ProtocolError({ code: "EXECUTOR_DATABASE_BROKEN", message: said });
        return ended;
    };
    // One call into the database, which after an error skips what is left of it.
    const round = async (messages: readonly Uint8Array[]) => {
        if (ended !== undefined) throw ended;
        const bytes = Buffer.concat([...messages, serialize.sync()]);
        try {
            return await pglite.runExclusive(() => pglite.execProtocolStream(bytes, { syncToFs: true }));
        } catch (error) {
            const isEnd = error instanceof messagesOf.DatabaseError && END_OF_ALL.has(error.severity);
            throw isEnd ? stop(error) : error;
        }
    };
    const make = async (sql: string): Promise<Prepared> => {
        named += 1;
        const name = `statement${named}`;
        const messages = await round([serialize.parse({ name, text: sql }), serialize.describe({ type: "S", name })]);
        const shape = messages.filter((message) => message.name === "rowDescription");
        return { name, types: parse.parseDescribeStatementResults(messages), shape };
    };
    const encode = (value: unknown, type: number | undefined) => {
        if (value === null || value === undefined) return null;
        const serializer = type === undefined ? undefined : pglite.serializers[type];
        return serializer === undefined ? String(value) : serializer(value);
    };
    const bound = ({ name, types }: Prepared, parameters: readonly unknown[]) => [
        serialize.bind({ statement: name, values: parameters.map((value, at) => encode(value, types[at])) }),
        serialize.execute(),
    ];

    return {
        prepare: (sql) => {
            if (ended !== undefined) return Promise.reject(ended);
            const prepared = known.get(sql);
            if (prepared !== undefined) return prepared;
            const making = make(sql);
            known.set(sql, making);
            making.catch(() => known.delete(sql));
            return making;
        },
        run: async (prepared, { parameters = [], behind = [] } = {}) => {
            const before = behind.flatMap((statement) => bound(statement, []));
            const messages = await round([...before, ...bound(prepared, parameters)]);
            const own = messages.slice(messages.findLastIndex(({ name }) => name === "bindComplete"));
            const rows = own.filter(({ name }) => name === "dataRow");
            const completed = own.filter(({ name }) => name === "commandComplete");
            // The runtime swallows what breaks a statement off in the middle.
            if (completed.length === 0) throw stop(new Error("a statement came to no end"));
            const [result] = parse.parseResults([...prepared.shape, ...rows, ...completed], pglite.parsers);
            return { rows: result?.rows ?? [], command: result?.command };
        },
        close: async () => {
            if (ended === closed) throw closed;
            const isWell = ended === undefined;
            ended = closed;
            if (isWell) await pglite.close();
        },
    };
}
