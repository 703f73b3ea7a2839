/** One row as the database gives it; every reader parses it into a domain type. */
export type Row = Record<string, unknown>;

/** Something that SQL can be run in: the database itself, or one transaction. */
export interface Session {
    /** Runs one statement with $1, $2, … as parameters. */
    query(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/**
 * All that the journal needs of a database, small on purpose: the same SQL runs embedded (PGlite) and on a PostgreSQL server.
 * Only what both know is used: text, bytea, bigint, numeric, boolean, jsonb, ON CONFLICT, RETURNING.
 */
export interface Database extends Session {
    /** Runs work in one transaction: all of it is recorded, or nothing. */
    transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
    /** Gives the database back, and with it the exclusive lock. */
    close(): Promise<void>;
}
