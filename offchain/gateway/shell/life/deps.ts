import type { CrashPoint, Database } from "@assay/executor/journal";
import type { Hex } from "@assay/protocol";
import type { Deployment } from "@assay/sdk";
import type { Logger } from "pino";
import type { ServedConfig } from "../../core/config.ts";
import type { Models } from "../../core/model.ts";
import type { Payments } from "../../core/payment.ts";
import type { Prices } from "../../core/prices.ts";
import type { Settlement } from "../../core/settlement.ts";
import type { ChainFacts } from "./chainFacts.ts";

/** Signs what the executor answers for; its address is the signing key that the executor registered. */
export type StatementSigner = { address: Hex; sign: (digest: Hex) => Promise<Hex> };

/** What a life allows itself. */
export type LifeLimits = {
    /** Inferences between order and end at a time; proofs that are still to come count. */
    underWay: number;
    /** Of these, of one payer. */
    perPayer: number;
    /** After this, contents of what came to an end are deleted; seconds. */
    retentionSeconds: number;
    /** For one proof; whatever takes longer is tried again. */
    proofMs: number;
    /** Tries of one item of evidence before it counts as lost. */
    evidenceTries: number;
    /** First pause after a fault; it doubles up to `maxRetryMs`. */
    retryMs: number;
    maxRetryMs: number;
};

/** What serves when nothing else is said. */
export const DEFAULT_LIFE_LIMITS: LifeLimits = {
    underWay: 512,
    perPayer: 256,
    retentionSeconds: 30 * 86_400,
    proofMs: 120_000,
    evidenceTries: 3,
    retryMs: 500,
    maxRetryMs: 30_000,
};

/** What the life of inferences is made of. */
export type LifeDeps = {
    models: Models;
    payments: Payments;
    prices: Prices;
    /** With LIFE_MIGRATIONS applied. */
    database: Database;
    deployment: Pick<Deployment, "chainId" | "contracts">;
    /** Who answers for every statement. */
    executor: Hex;
    signer: StatementSigner;
    chain: ChainFacts;
    /** In force for the routes that it has to do with; undefined = none. */
    config: ServedConfig | undefined;
    settlement: Pick<Settlement, "wake" | "settledUpTo" | "proofOf">;
    limits: LifeLimits;
    crash: CrashPoint;
    log: Logger;
};
