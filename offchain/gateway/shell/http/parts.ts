import type { Hex, JsonObject } from "@assay/protocol";
import type { Logger } from "pino";
import type { Listed } from "../../core/catalogue.ts";
import type { ServedConfig } from "../../core/config.ts";
import type { Life } from "../../core/life.ts";
import type { Model, Models } from "../../core/model.ts";
import type { Inclusion } from "../../core/settlement.ts";
import type { BodyHashes } from "./bodyHashes.ts";
import type { Metrics } from "./metrics.ts";
import type { Places } from "./places.ts";

/** Where and with what is paid. */
export type Market = {
    chainId: number;
    token: Hex;
    /** Of the token: 10^decimals units are one. */
    decimals: number;
    payTo: Hex;
};

/** Whose enclaves are to show what. */
export type AttestationQuestion = {
    model: Model;
    /** 64 hex digits that whoever asks just made. */
    nonce: string | undefined;
    /** The one enclave to show, by its key's address; undefined = all. */
    signer: string | undefined;
};

/** What callers may send. */
export type Limits = {
    bodyBytes: number;
    headerBytes: number;
    /** Inferences at the same time. */
    queue: number;
    /** Requests of one client; 0 = any number. */
    ratePerMinute: number;
};

/** What the routes are made of. */
export type AppParts = {
    life: Life;
    models: Models;
    market: Market;
    /** What a model is sold for, policy by policy; empty on an unpaid gateway. */
    offersOf: (model: Model) => readonly Listed[];
    /** The configuration in force; undefined = none. */
    config: ServedConfig | undefined;
    /** Inclusion in a batch: undefined = unknown id; throws GATEWAY_PROOF_PENDING. */
    proofOf: (id: string) => Promise<Inclusion | undefined>;
    /** What the receipt log holds from a sequence on. */
    proofsFrom: (range: { sequence: number; most: number }) => Promise<Inclusion[]>;
    bodyHashes: BodyHashes;
    /** Signs texts as EIP-191 says, with the key that signs statements. */
    signText: (text: string) => Promise<{ signature: Hex; address: Hex }>;
    /** Documents of the enclaves that serve a model; throws GATEWAY_ATTESTATION_NONE. */
    attest: (question: AttestationQuestion) => Promise<JsonObject>;
    /** As callers reach it, without a slash at the end; undefined = as they say. */
    publicUrl: string | undefined;
    limits: Limits;
    /** Whether an address is that of the last proxy in front, which names the client. */
    isBehindProxy: boolean;
    places: Places;
    watchers: Places;
    metrics: Metrics;
    isJournalling: () => Promise<boolean>;
    /** Aborted when it takes no more work: nobody is kept waiting for news then. */
    stopping: AbortSignal;
    log: Logger;
};
