import type { Statements } from "./_statements.ts";

/** So many works apart, the write-ahead log is looked at. */
const WORKS = 256;
/** Of the log since the last checkpoint: as much has to be read again after a crash. */
const MOST_BYTES = 32 * 2 ** 20;

const WRITTEN = "SELECT (pg_current_wal_insert_lsn() - redo_lsn)::float8 AS bytes FROM pg_control_checkpoint()";

/**
 * Makes checkpoints, so that the log is used again instead of growing for ever: PostgreSQL makes them in a process of its
 * own, which an embedded one has not. To be called between works, with the number of those done since.
 */
export function createCheckpoints(statements: Statements): (works: number) => Promise<void> {
    let done = 0;
    return async (works) => {
        done += works;
        if (done < WORKS) return;
        done = 0;
        const { rows } = await statements.run(await statements.prepare(WRITTEN));
        if (Number(rows[0]?.bytes) > MOST_BYTES) await statements.run(await statements.prepare("CHECKPOINT"));
    };
}
