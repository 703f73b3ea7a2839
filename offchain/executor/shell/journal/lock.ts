import { DatabaseSync } from "node:sqlite";
import { ProtocolError } from "@assay/protocol";

/**
 * Takes a file for this process alone, or throws EXECUTOR_DATABASE_LOCKED. The lock is the operating system's own, taken
 * through SQLite: it ends with the process however the process ends, so there is no stale lock to judge after a kill -9
 * (a file that holds a process id would have to be judged, and two starters can judge it at the same moment).
 */
export function lockFile({ path }: { path: string }): { release: () => void } {
    const holder = new DatabaseSync(path);
    try {
        holder.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    } catch (cause) {
        holder.close();
        throw new ProtocolError({
            code: "EXECUTOR_DATABASE_LOCKED",
            message: `Another process holds ${path}.`,
            cause,
        });
    }
    return { release: () => holder.close() };
}
