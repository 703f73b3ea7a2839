import { type Hex, isHex, ProtocolError, toHex } from "@assay/protocol";
import { z } from "zod";
import { issuesText } from "../core/issues.ts";

const LOOPBACK: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];
const address = z.custom<Hex>((value) => isHex(value, 20), "not an address").transform((text) => toHex(text, 20));
const privateKey = z.custom<Hex>((value) => isHex(value, 32), "not a private key of 32 bytes");
const httpUrl = z.url({ protocol: /^https?$/ });
const whole = z.number().int().min(0);
const positive = whole.min(1);

/** Keys and prompts go there: TLS, except to this very machine. */
const safeUrl = httpUrl.refine((text) => {
    const { protocol, hostname, username, password, search, hash } = new URL(text);
    return (protocol === "https:" || LOOPBACK.includes(hostname)) && `${username}${password}${search}${hash}` === "";
}, "neither https nor this machine, or with a user, a query or a fragment");

const upstreamSchema = z.strictObject({
    /** Base of an OpenAI-compatible API, such as https://api.example.com/v1. */
    url: safeUrl,
    /** Sent as a bearer token. */
    key: z.string().min(1).optional(),
    /** Models that are offered, as it calls them; empty = all that it lists. */
    models: z.array(z.string().min(1)).default([]),
});

const configSchema = z.strictObject({
    /** File with the configuration's JSON; its hash must be that of the published version. */
    file: z.string().min(1),
    owner: address,
    name: z.string().min(1),
});

const batchSchema = z.strictObject({
    /** Receipts of one batch at most, and enough for a batch at once. */
    mostReceipts: positive.max(1_000_000).default(10_000),
    /** The oldest receipt waits at most so long. */
    ageMs: positive.default(60_000),
    /** After so long without another receipt, those that wait are posted. */
    idleMs: positive.default(2_000),
});

const limitsSchema = z.strictObject({
    /** Of a request's body. */
    bodyBytes: positive.max(1 << 28).default(4 << 20),
    /** Of all headers of a request together: a payment has some 4 kB. */
    headerBytes: positive.max(1 << 20).default(32_768),
    /** Inferences between order and end at the same time; more are told to come again. */
    queue: positive.max(100_000).default(512),
    /** Requests of one client; 0 = any number. Unless told: none on development chains, else 600. */
    ratePerMinute: whole.optional(),
});

const settingsSchema = z.strictObject({
    host: z.string().min(1).default("127.0.0.1"),
    /** 0 = any free one. */
    port: whole.max(65_535).default(0),
    /** As callers reach it, when that is not where it listens; no slash at the end. */
    publicUrl: httpUrl.refine((text) => !text.endsWith("/"), "ends with a slash").optional(),
    /** Whether a proxy in front names the client in X-Forwarded-For. */
    isBehindProxy: z.boolean().default(false),
    /** An Ethereum JSON-RPC endpoint. */
    rpcUrl: httpUrl,
    /** deployments/<chainId>.json; on development chains what is missing is deployed unless it is given. */
    deploymentFile: z.string().min(1).optional(),
    /** The token that is paid in; the deployment's test token on development chains. */
    token: address.optional(),
    payTo: address,
    /** Sends transactions: payments, refunds, batches. Used by no other process. */
    relayerKey: privateKey,
    /** Who answers for every statement: the relayer's address unless told. */
    executor: address.optional(),
    /** Signs statements; made once and kept in the home unless given. */
    receiptKey: privateKey.optional(),
    /** Registers the receipt key and missing models where they are not; on development chains it does so anyway. */
    registers: z.boolean().default(false),
    /** Folder of everything kept between runs (ASSAY_HOME). */
    home: z.string().min(1),
    /** Compiled models' directories, ONNX files, folders of them. */
    models: z.array(z.string().min(1)).default([]),
    upstream: upstreamSchema.optional(),
    /** Enclaves that the executor operates. */
    enclaves: z.array(httpUrl).default([]),
    /** Who settles: in this process unless given. */
    facilitator: safeUrl.optional(),
    /** Price list; what it leaves out costs as in the default one. */
    prices: z.unknown().optional(),
    /** Whether nobody pays. */
    isFree: z.boolean().default(false),
    config: configSchema.optional(),
    batch: batchSchema.prefault({}),
    limits: limitsSchema.prefault({}),
    /** After this contents are deleted; hashes, statements and evidence stay. */
    retentionSeconds: positive.default(30 * 86_400),
    /** No transaction is offered at more, wei per gas. */
    maxFeePerGasWei: z.bigint().positive().default(500_000_000_000n),
});

/** Settings as they are given. */
export type SettingsInput = z.input<typeof settingsSchema>;

/** Settings with everything filled in that does not depend on the chain. */
export type Settings = z.output<typeof settingsSchema>;

/** Parses settings; throws GATEWAY_SETTINGS_INVALID, in which no value of a key stands. */
export function parseSettings(input: unknown): Settings {
    const parsed = settingsSchema.safeParse(input);
    if (parsed.success) return parsed.data;
    throw new ProtocolError({ code: "GATEWAY_SETTINGS_INVALID", message: `${issuesText(parsed.error)}.` });
}

/**
 * What depends on whether anything is at stake: development chains mine when a transaction comes, and everybody there is
 * on this machine.
 */
export const CHAIN_DEFAULTS = {
    development: { confirmations: 0, pollMs: 200, ratePerMinute: 0 },
    real: { confirmations: 4, pollMs: 4_000, ratePerMinute: 600 },
} as const;
