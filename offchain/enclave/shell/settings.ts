import { type Hex, isHex, ProtocolError, toHex } from "@assay/protocol";
import { z } from "zod";

const LOOPBACK: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];
const address = z.custom<Hex>((value) => isHex(value, 20), "not an address").transform((text) => toHex(text, 20));
const digest = z.custom<Hex>((value) => isHex(value, 32), "not 32 bytes of hex").transform((text) => toHex(text, 32));
const httpUrl = z.url({ protocol: /^https?$/ });
const whole = z.number().int().positive();

const upstreamSchema = z.strictObject({
    /** Base of an OpenAI-compatible API, such as https://api.example.com/v1. TLS, except to this very machine. */
    url: httpUrl.refine(isUpstream, "neither https nor this machine, or with a user, a query or a fragment"),
    /** Sent as a bearer token; the only secret beside the enclave's own key. */
    key: z.string().min(1).optional(),
    /** Models that may be asked for; empty = any. */
    models: z.array(z.string().min(1)).default([]),
    timeoutMs: whole.max(600_000).default(120_000),
});

const providerSchema = z.discriminatedUnion("name", [
    z.strictObject({
        name: z.literal("nitriding"),
        internalUrl: httpUrl.default("http://127.0.0.1:8080"),
        externalUrl: httpUrl.default("https://127.0.0.1:443"),
    }),
    z.strictObject({ name: z.literal("tsm"), root: z.string().default("/sys/kernel/config/tsm/report") }),
    z.strictObject({ name: z.literal("dstack"), socketPath: z.string().default("/var/run/dstack.sock") }),
    /** SIMULATED. codeHash stands for the measured code: the program's digest unless told. */
    z.strictObject({ name: z.literal("dev"), codeHash: digest.optional() }),
]);

const settingsSchema = z
    .strictObject({
        host: z.string().default("127.0.0.1"),
        /** 0 = any free one. */
        port: z.number().int().min(0).max(65_535),
        /** COMPUTE: directories of compiled models, and plain ONNX files. */
        models: z.array(z.string().min(1)).default([]),
        /** GATEWAY: whom to ask. */
        upstream: upstreamSchema.optional(),
        provider: providerSchema,
        form: z.enum(["nitro", "tdx"]),
        /** The only operator it serves; else the first one that has it attested. */
        operator: address.optional(),
        /** Whose versions its models are, unless a request says otherwise. */
        owner: address.optional(),
        /** Models that stay loaded. */
        loadedModels: whole.default(16),
        /** Outcomes that are known again when they are to be signed. */
        keptAnswers: whole.max(10_000_000).default(100_000),
        /** Requests with a body that are served at the same time; more are told to come again. */
        parallelRuns: whole.max(10_000).default(64),
    })
    .refine(({ models, upstream }) => models.length > 0 !== (upstream !== undefined), {
        error: "either models or an upstream: what ran inside and what was forwarded must never be taken for each other",
        path: ["models"],
    })
    .refine(({ provider, form }) => provider.name === "dev" || (form === "nitro") === (provider.name === "nitriding"), {
        error: "not a form of this provider's documents",
        path: ["form"],
    });

/** Settings as they are given. */
export type SettingsInput = z.input<typeof settingsSchema>;

/** Settings with everything filled in. */
export type Settings = z.output<typeof settingsSchema>;

/** Parses settings; throws ENCLAVE_SETTINGS_INVALID. */
export function parseSettings(input: unknown): Settings {
    const parsed = settingsSchema.safeParse(input);
    if (parsed.success) return parsed.data;
    throw new ProtocolError({ code: "ENCLAVE_SETTINGS_INVALID", message: `${z.prettifyError(parsed.error)}.` });
}

function isUpstream(text: string): boolean {
    const { protocol, hostname, username, password, search, hash } = new URL(text);
    const isSafe = protocol === "https:" || LOOPBACK.includes(hostname);
    return isSafe && `${username}${password}${search}${hash}` === "";
}
