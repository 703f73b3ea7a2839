// The embedded database, for other services that keep a journal: one directory, one owner, the same SQL as on a server.
export { type Bell, createBell } from "./shell/bell.ts";
export { type CrashPoint, crashPointOf } from "./shell/crash.ts";
export type { Database, Row, Session } from "./shell/journal/database.ts";
export { type Migration, migrate } from "./shell/journal/migrate.ts";
export { openMemory, openPglite } from "./shell/journal/pglite.ts";
