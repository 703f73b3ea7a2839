import { z } from "zod";
import { address, count } from "../values.ts";
import type { OptionSpec } from "../verb.ts";

const url = z.url({ protocol: /^https?$/, error: "not an http or https URL" });

/** The options of `assay gateway`. */
export const gatewayOptions: readonly OptionSpec[] = [
    { flags: "--port <n>", about: "where to listen; 0 = any free port (else PORT, else 0)" },
    { flags: "--host <address>", about: "address to listen on (127.0.0.1)" },
    { flags: "--public-url <url>", about: "as callers reach it, when that is not where it listens" },
    { flags: "--behind-proxy", about: "a proxy in front names the client in X-Forwarded-For" },
    { flags: "--rpc <url>", about: "JSON-RPC of a node (else RPC_URL, else ASSAY_RPC_URL)" },
    { flags: "--deployment <file>", about: "deployment file; without it development chains are deployed to" },
    { flags: "--token <address>", about: "EIP-3009 token to be paid in (else TOKEN; development: the test dollar)" },
    { flags: "--pay-to <address>", about: "who is paid (else PAY_TO)" },
    {
        flags: "--relayer-key-file <file>",
        about: "key that sends transactions, in hex or a keystore file (else RELAYER_KEY)",
    },
    { flags: "--relayer-key <hex>", about: "that key itself, on chains 31337 and 1337 only" },
    { flags: "--receipt-key-file <file>", about: "key that signs statements (else RECEIPT_KEY, else made and kept)" },
    { flags: "--receipt-key <hex>", about: "that key itself, on chains 31337 and 1337 only" },
    { flags: "--password-file <file>", about: "password of keystore files (else ASSAY_PASSWORD)" },
    { flags: "--executor <address>", about: "who answers for statements (default: the relayer)" },
    { flags: "--register", about: "register the receipt key and missing models (development chains: always)" },
    {
        flags: "--models <path>",
        about: "compiled model, ONNX file or folder (else MODELS); repeat for more",
        repeat: true,
    },
    { flags: "--upstream <url>", about: "OpenAI-compatible API to ask instead of models (else UPSTREAM_URL)" },
    { flags: "--upstream-key-file <file>", about: "file whose first line is that API's key (else UPSTREAM_KEY)" },
    { flags: "--upstream-model <name>", about: "model of it that is offered (all); repeat for more", repeat: true },
    { flags: "--enclave <url>", about: "enclave that you operate and registered; repeat for more", repeat: true },
    { flags: "--facilitator <url>", about: "who settles payments (else FACILITATOR_URL, else this process)" },
    { flags: "--prices <file>", about: "price list, JSON (else PRICES holds it)" },
    { flags: "--free", about: "nobody pays" },
    { flags: "--config <file>", about: "configuration to apply: the newest version of --config-name" },
    { flags: "--config-name <name>", about: "name that it was published under" },
    { flags: "--config-owner <address>", about: "whose name that is (default: the relayer's)" },
    { flags: "--batch-receipts <n>", about: "receipts of one batch at most (10000)" },
    { flags: "--batch-age-ms <n>", about: "the oldest receipt waits so long for a batch at most (60000)" },
    { flags: "--batch-idle-ms <n>", about: "after so long without another receipt a batch is posted (2000)" },
    { flags: "--retention-seconds <n>", about: "after this contents are deleted (2592000)" },
    { flags: "--queue <n>", about: "inferences under way at a time (512)" },
    { flags: "--rate-per-minute <n>", about: "requests of one client; 0 = any number (600; development chains: 0)" },
    { flags: "--body-bytes <n>", about: "longest body that is read (4194304)" },
    { flags: "--header-bytes <n>", about: "longest headers that are read (32768)" },
    { flags: "--log-level <level>", about: "of the log on stderr: debug, info, warn, error (info)" },
];

/** What they are parsed into. */
export const gatewayInput = z
    .object({
        port: count.optional(),
        host: z.string().optional(),
        publicUrl: url.optional(),
        behindProxy: z.boolean().default(false),
        rpc: url.optional(),
        deployment: z.string().optional(),
        token: address.optional(),
        payTo: address.optional(),
        relayerKeyFile: z.string().optional(),
        relayerKey: z.string().optional(),
        receiptKeyFile: z.string().optional(),
        receiptKey: z.string().optional(),
        passwordFile: z.string().optional(),
        executor: address.optional(),
        register: z.boolean().default(false),
        models: z.array(z.string()).optional(),
        upstream: url.optional(),
        upstreamKeyFile: z.string().optional(),
        upstreamModel: z.array(z.string()).default([]),
        enclave: z.array(url).default([]),
        facilitator: url.optional(),
        prices: z.string().optional(),
        free: z.boolean().default(false),
        config: z.string().optional(),
        configName: z.string().optional(),
        configOwner: address.optional(),
        batchReceipts: count.optional(),
        batchAgeMs: count.optional(),
        batchIdleMs: count.optional(),
        retentionSeconds: count.optional(),
        queue: count.optional(),
        ratePerMinute: count.optional(),
        bodyBytes: count.optional(),
        headerBytes: count.optional(),
        logLevel: z.enum(["debug", "info", "warn", "error"]).default("info"),
    })
    .refine(({ config, configName }) => (config === undefined) === (configName === undefined), {
        message: "a configuration and the name that it was published under belong together",
        path: ["configName"],
    });

/** Options of one command line. */
export type GatewayInput = z.output<typeof gatewayInput>;
