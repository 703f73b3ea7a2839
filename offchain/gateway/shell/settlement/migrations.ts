import type { Migration } from "@assay/executor/journal";

/** What settlement keeps: batches, and what was sent to post them. Leaves are written with their statements. */
export const SETTLEMENT_MIGRATIONS: readonly Migration[] = [
    {
        version: 4,
        name: "batches",
        statements: [
            // One batch, journalled before anything is sent and never changed: its leaves are kept as they were hashed, so
            // that what happens to a row later costs that receipt its proof and no other. batch null: not in the log yet.
            `CREATE TABLE batches (
                first_sequence bigint PRIMARY KEY, leaf_count integer NOT NULL, root text NOT NULL,
                depth smallint NOT NULL, data text NOT NULL, leaves bytea NOT NULL, made_at_block bigint NOT NULL,
                batch bigint, tx_hash text)`,
            // Transactions that were signed to post a batch.
            "CREATE TABLE batch_sends (tx_hash text PRIMARY KEY, first_sequence bigint NOT NULL)",
            "CREATE INDEX batch_sends_by_batch ON batch_sends (first_sequence)",
        ],
    },
];
