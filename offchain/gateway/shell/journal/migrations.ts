import type { Migration } from "@assay/executor/journal";

/** What the life of inferences keeps. */
export const LIFE_MIGRATIONS: readonly Migration[] = [
    {
        version: 1,
        name: "inferences, evidence, leaves",
        statements: [
            // One inference. What was ordered never changes; `state` is core/stages.ts, and `stage` repeats its stage to be
            // found by. Contents are requested, input, output and context: they can be deleted, the rest is kept.
            // payer, nonce: of the payment, or zero and 32 random bytes. Text is kept as it came, which jsonb refuses to do
            // (U+0000, halves of pairs): what an upstream says must never keep its own answer from being journalled.
            `CREATE TABLE inferences (
                id text PRIMARY KEY, request_id text NOT NULL, created_at bigint NOT NULL,
                stage text NOT NULL, state json NOT NULL, wanted json NOT NULL,
                requested text, input bytea, input_hash text NOT NULL, salt text NOT NULL,
                payer text NOT NULL, nonce text NOT NULL,
                result_code smallint, output bytea, outcome json,
                sequence bigint UNIQUE, digest text, statement json, context text, registry json, attestation json,
                refund_tx text, verdict json, is_erased boolean NOT NULL DEFAULT false)`,
            // Whoever failed before anything was signed may try again with the same payment.
            "CREATE UNIQUE INDEX inferences_by_request ON inferences (request_id) WHERE stage <> 'failed' OR digest IS NOT NULL",
            "CREATE INDEX inferences_by_stage ON inferences (stage)",
            "CREATE INDEX inferences_by_age ON inferences (created_at) WHERE NOT is_erased",
            // At most one item of evidence per inference and family; the first stays.
            `CREATE TABLE evidence (
                id text NOT NULL REFERENCES inferences, family smallint NOT NULL, data bytea NOT NULL,
                PRIMARY KEY (id, family))`,
            // One for each statement, written together with it: the executor's own count of receipts, without gaps.
            `CREATE TABLE leaves (
                sequence bigint PRIMARY KEY, id text NOT NULL UNIQUE, digest text NOT NULL, receipt_hash text NOT NULL)`,
        ],
    },
    {
        version: 2,
        name: "payments",
        statements: [
            // One authorization releases one inference. A row is never deleted; is_released: nothing was taken, and it may
            // be brought again. identifier: of the extension payment-identifier.
            `CREATE TABLE payments (
                network text NOT NULL, asset text NOT NULL, payer text NOT NULL, nonce text NOT NULL,
                id text NOT NULL UNIQUE REFERENCES inferences, request_hash text NOT NULL, payload_hash text NOT NULL,
                identifier text UNIQUE, payment json NOT NULL, tx_hash text, is_released boolean NOT NULL DEFAULT false,
                PRIMARY KEY (network, asset, payer, nonce))`,
        ],
    },
];
