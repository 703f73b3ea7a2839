import type { Migration } from "./migrate.ts";

/** The schema of an executor's journal. */
export const MIGRATIONS: readonly Migration[] = [
    {
        version: 1,
        name: "requests, evidence, transactions, receipts",
        statements: [
            // What this journal belongs to: chain id, genesis hash, hub, executor.
            "CREATE TABLE identity (name text PRIMARY KEY, value text NOT NULL)",
            // The newest block seen. One row.
            `CREATE TABLE head (
                one boolean PRIMARY KEY DEFAULT true CHECK (one),
                number bigint NOT NULL, hash text NOT NULL, timestamp bigint NOT NULL)`,
            // The newest stretch of the chain, to notice when it is replaced.
            "CREATE TABLE blocks (number bigint PRIMARY KEY, hash text NOT NULL, parent_hash text NOT NULL)",
            // Every log that led to a decision, by the block that holds it.
            `CREATE TABLE logs (
                block_hash text NOT NULL, log_index integer NOT NULL, block_number bigint NOT NULL, tx_hash text NOT NULL,
                kind text NOT NULL, request_id text NOT NULL, removed boolean NOT NULL DEFAULT false,
                PRIMARY KEY (block_hash, log_index))`,
            "CREATE INDEX logs_by_number ON logs (block_number)",
            // One request: what is wanted (never changes), and where it stands (core/state.ts).
            `CREATE TABLE requests (
                request_id text PRIMARY KEY, origin text NOT NULL, requester text NOT NULL, wanted jsonb NOT NULL,
                input bytea NOT NULL, stage text NOT NULL, deadline bigint, state jsonb NOT NULL)`,
            "CREATE INDEX requests_by_stage ON requests (stage)",
            // What happened to each request, in order: for people.
            `CREATE TABLE history (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, request_id text NOT NULL, event text NOT NULL,
                stage text NOT NULL, detail text NOT NULL)`,
            "CREATE INDEX history_by_request ON history (request_id)",
            // Output bytes: the first run decides, a re-run never replaces them.
            `CREATE TABLE outputs (
                request_id text PRIMARY KEY, result_code smallint NOT NULL, output bytea NOT NULL, output_hash text NOT NULL)`,
            `CREATE TABLE statements (
                digest text PRIMARY KEY, request_id text NOT NULL, number integer NOT NULL, statement jsonb NOT NULL,
                UNIQUE (request_id, number))`,
            // At most one item of evidence per statement and family.
            `CREATE TABLE evidence (
                digest text NOT NULL REFERENCES statements, family smallint NOT NULL, data bytea NOT NULL,
                PRIMARY KEY (digest, family))`,
            // Signed transactions, journalled before they are sent. request_id null: only fills a gap in the nonces.
            `CREATE TABLE transactions (
                hash text PRIMARY KEY, nonce bigint NOT NULL, request_id text, raw bytea NOT NULL,
                max_fee_wei numeric NOT NULL, tip_wei numeric NOT NULL, made_at_block bigint NOT NULL)`,
            "CREATE INDEX transactions_by_nonce ON transactions (nonce)",
            // Nonces that are used up in the chain, and by which block; a reorganisation opens them again.
            `CREATE TABLE spent_nonces (
                nonce bigint PRIMARY KEY, tx_hash text, reverted boolean NOT NULL, block_number bigint NOT NULL,
                block_hash text NOT NULL)`,
            "CREATE TABLE receipts (request_id text PRIMARY KEY, receipt text NOT NULL)",
        ],
    },
    {
        version: 2,
        name: "whatever text a request has",
        // jsonb refuses \u0000, which anybody can put into the URI of a request.
        statements: ["ALTER TABLE requests ALTER COLUMN wanted TYPE json"],
    },
];
