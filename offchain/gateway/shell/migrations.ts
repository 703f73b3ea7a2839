import type { Migration } from "@assay/executor/journal";
import { BODY_HASHES_MIGRATION } from "./http/bodyHashes.ts";
import { LIFE_MIGRATIONS } from "./journal/migrations.ts";
import { SETTLEMENT_MIGRATIONS } from "./settlement/migrations.ts";

/** The schema of a gateway's journal, oldest first. */
export const MIGRATIONS: readonly Migration[] = [
    ...LIFE_MIGRATIONS,
    ...SETTLEMENT_MIGRATIONS,
    BODY_HASHES_MIGRATION,
].sort((a, b) => a.version - b.version);
