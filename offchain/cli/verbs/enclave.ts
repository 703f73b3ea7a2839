import path from "node:path";
import { fileURLToPath } from "node:url";
import type { EnclaveSettingsInput } from "@assay/enclave";
import { pino } from "pino";
import { z } from "zod";
import type { Shell } from "../io/shell.ts";
import { facts } from "../io/text.ts";
import { readSecret } from "../keys/secret.ts";
import { address, count, hash32 } from "../values.ts";
import { defineVerb } from "../verb.ts";

const STDERR = 2;
/** Folder of this package: the enclave runs from it, so that it and all that it depends on are measured. */
const CLI_PACKAGE = fileURLToPath(new URL("..", import.meta.url));

const input = z.object({
    host: z.string().optional(),
    port: count,
    models: z.array(z.string()).default([]),
    owner: address.optional(),
    operator: address.optional(),
    upstream: z.string().optional(),
    upstreamKeyFile: z.string().optional(),
    upstreamModel: z.array(z.string()).default([]),
    provider: z.enum(["nitriding", "tsm", "dstack", "dev"]),
    form: z.enum(["nitro", "tdx"]).optional(),
    providerUrl: z.string().optional(),
    attestationUrl: z.string().optional(),
    providerPath: z.string().optional(),
    codeHash: hash32.optional(),
    logLevel: z.enum(["debug", "info", "warn", "error"]).default("info"),
});
type Input = z.output<typeof input>;

/** `assay enclave`: the program inside a TEE; runs until it is told to stop. */
export const enclave = defineVerb({
    name: "enclave",
    about: "Run inside a TEE: run models or forward, and sign what was computed, under an attested key",
    options: [
        { flags: "--port <n>", about: "where to listen; 0 = any free port" },
        { flags: "--host <address>", about: "address to listen on (127.0.0.1)" },
        {
            flags: "--models <path>",
            about: "compiled model's directory, or a plain ONNX file; repeat for more",
            repeat: true,
        },
        { flags: "--owner <address>", about: "who registered the models, when requests do not say" },
        { flags: "--operator <address>", about: "the only operator to serve (else the first one that asks)" },
        { flags: "--upstream <url>", about: "instead of models: base of an OpenAI-compatible API to forward to" },
        { flags: "--upstream-key-file <file>", about: "file whose first line is the API's key" },
        {
            flags: "--upstream-model <name>",
            about: "model that may be asked for (else any); repeat for more",
            repeat: true,
        },
        { flags: "--provider <name>", about: "who attests: nitriding, tsm, dstack, or dev (SIMULATED)" },
        { flags: "--form <name>", about: "form of its documents: nitro or tdx (what the provider gives; dev: nitro)" },
        { flags: "--provider-url <url>", about: "nitriding's internal address (http://127.0.0.1:8080)" },
        { flags: "--attestation-url <url>", about: "nitriding's external address (https://127.0.0.1:443)" },
        { flags: "--provider-path <path>", about: "tsm: folder of reports; dstack: socket of the guest agent" },
        { flags: "--code-hash <hash>", about: "dev: what stands for the measured code (the program's digest)" },
        { flags: "--log-level <level>", about: "of the log on stderr: debug, info, warn, error (info)" },
    ],
    input,
    run: async ({ shell, progress }, given) => {
        const { createEnclave } = await import("@assay/enclave");
        const running = createEnclave({
            settings: await settingsOf(shell, given),
            engines: { createSession: async (artifact) => (await import("@assay/compiler")).createSession(artifact) },
            packages: [CLI_PACKAGE],
            env: shell.env,
            execArgv: process.execArgv,
            log: pino({ name: "enclave", level: given.logLevel }, pino.destination({ dest: STDERR, sync: true })),
        });
        const stopped = whenAborted(shell.stopSignal());
        try {
            const { url } = await running.start();
            if (given.provider === "dev") progress("SIMULATED: this enclave attests nothing, and proves nothing");
            progress(`listening on ${url}`);
            await stopped;
            const rows: [string, string][] = [
                ["enclave", url],
                ["state", "stopped"],
            ];
            return { ok: true, value: { url, stopped: true }, text: facts(rows) };
        } finally {
            await running.stop();
        }
    },
});

async function settingsOf(shell: Shell, given: Input): Promise<EnclaveSettingsInput> {
    const { host, port, models, owner, operator, upstream } = given;
    const provider = providerOf(given);
    return {
        port,
        models: models.map((model) => path.resolve(shell.cwd, model)),
        provider,
        form: given.form ?? (provider.name === "tsm" || provider.name === "dstack" ? "tdx" : "nitro"),
        ...(host === undefined ? {} : { host }),
        ...(owner === undefined ? {} : { owner }),
        ...(operator === undefined ? {} : { operator }),
        ...(upstream === undefined ? {} : { upstream: await upstreamOf(shell, { ...given, url: upstream }) }),
    };
}

/** The key is read from a file only: command lines are seen by everybody. */
async function upstreamOf(shell: Shell, { url, upstreamKeyFile, upstreamModel }: Input & { url: string }) {
    if (upstreamKeyFile === undefined) return { url, models: upstreamModel };
    const file = path.resolve(shell.cwd, upstreamKeyFile);
    const { value: key } = await readSecret(shell, { file, variable: "", what: "key of the upstream" });
    return { url, key, models: upstreamModel };
}

/** Options of other providers are passed on to this one's schema, which refuses them. */
function providerOf(given: Input): EnclaveSettingsInput["provider"] {
    const { provider: name, providerUrl, attestationUrl, providerPath, codeHash } = given;
    const options = {
        ...(providerUrl === undefined ? {} : { internalUrl: providerUrl }),
        ...(attestationUrl === undefined ? {} : { externalUrl: attestationUrl }),
        ...(providerPath === undefined ? {} : { [name === "tsm" ? "root" : "socketPath"]: providerPath }),
        ...(codeHash === undefined ? {} : { codeHash }),
    };
    return { name, ...options };
}

function whenAborted(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener("abort", () => resolve(), { once: true });
    });
}
