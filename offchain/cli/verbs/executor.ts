import path from "node:path";
import { toHex } from "@assay/protocol";
import { setSigningKey } from "@assay/sdk";
import { pino } from "pino";
import { z } from "zod";
import { chainOptions, chainShape, openChain, rpcUrlOf } from "../chain/openChain.ts";
import { homeOf } from "../home.ts";
import { facts } from "../io/text.ts";
import { resolveKey, signerOptions, signerShape } from "../keys/signer.ts";
import { proverOptions } from "../model/proverOptions.ts";
import { address, count } from "../values.ts";
import { defineVerb } from "../verb.ts";

const STDERR = 2;

/** `assay executor`: runs until it is told to stop. */
export const executor = defineVerb({
    name: "executor",
    about: "Watch a hub, run models, prove and sign, deliver and be paid; SIGINT or SIGTERM stops it",
    options: [
        { flags: "--models <dir>", about: "directory of a compiled model; repeat for more", repeat: true },
        { flags: "--signing-account <name>", about: "keystore key that signs statements (else ASSAY_SIGNING_KEY)" },
        { flags: "--signing-password-file <file>", about: "its password's file (default: that of --password-file)" },
        { flags: "--register-key", about: "first make the signing key the registered one, if it is not" },
        {
            flags: "--family <name>",
            about: "family of evidence to offer (all that it can): SIGNED, TEE_NITRO, TEE_SGX, TEE_TDX, ZK_GROTH16; repeat for more",
            repeat: true,
        },
        {
            flags: "--pull-consumer <address>",
            about: "serve this consumer's pull requests; repeat for more",
            repeat: true,
        },
        { flags: "--enclave <url>", about: "enclave that you operate and registered; repeat for more", repeat: true },
        { flags: "--fee-percent <n>", about: "percent of the protocol's least fee that is asked" },
        { flags: "--input-host <host>", about: "host that inputs may be fetched from; repeat for more", repeat: true },
        { flags: "--log-level <level>", about: "of the log on stderr: debug, info, warn, error (info)" },
        ...signerOptions,
        ...chainOptions,
    ],
    input: z.object({
        models: z.array(z.string()).min(1, "at least one compiled model"),
        signingAccount: z.string().optional(),
        signingPasswordFile: z.string().optional(),
        registerKey: z.boolean().default(false),
        family: z.array(z.enum(["SIGNED", "TEE_NITRO", "TEE_SGX", "TEE_TDX", "ZK_GROTH16"])).optional(),
        enclave: z.array(z.url({ protocol: /^https?$/, error: "not an http or https URL" })).default([]),
        pullConsumer: z.array(address).default([]),
        feePercent: count.optional(),
        inputHost: z.array(z.string()).default([]),
        logLevel: z.enum(["debug", "info", "warn", "error"]).default("info"),
        ...signerShape,
        ...chainShape,
    }),
    run: async ({ shell, progress }, { models, family, feePercent, registerKey, logLevel, ...input }) => {
        const { createExecutor } = await import("@assay/executor");
        const { createSession } = await import("@assay/compiler");
        const { createProverPool } = await import("@assay/prover");
        const provers = createProverPool(proverOptions(shell));
        const chain = await openChain(shell, input);
        const operator = await resolveKey({ shell, chainId: chain.chainId }, input);
        const signing = await resolveKey(
            { shell, chainId: chain.chainId },
            {
                variable: "ASSAY_SIGNING_KEY",
                account: input.signingAccount,
                passwordFile: input.signingPasswordFile ?? input.passwordFile,
                privateKey: undefined,
            },
        );
        if (registerKey) {
            const signer = operator.connect(chain.provider);
            const changed = await setSigningKey({ ...chain, signer }, { key: toHex(signing.address) });
            progress(changed ? `registered signing key ${signing.address}` : "the signing key is registered already");
        }
        const running = createExecutor({
            settings: {
                rpcUrl: rpcUrlOf(shell, input),
                deploymentFile: chain.deploymentFile,
                home: homeOf(shell),
                models: models.map((dir) => path.resolve(shell.cwd, dir)),
                operatorKey: toHex(operator.privateKey),
                signingKey: toHex(signing.privateKey),
                pullConsumers: input.pullConsumer,
                inputHosts: input.inputHost,
                enclaves: input.enclave,
                ...(family === undefined ? {} : { families: family }),
                ...(feePercent === undefined ? {} : { feePercent }),
            },
            engines: { createSession, createProver: provers.open },
            log: pino({ name: "executor", level: logLevel }, pino.destination({ dest: STDERR, sync: true })),
        });
        const signal = shell.stopSignal();
        signal.addEventListener("abort", () => void running.stop(), { once: true });
        await running.start();
        progress(`executor ${operator.address} serves chain ${chain.chainId}; stop it with SIGINT`);
        await running.stopped.finally(() => provers.close());
        const value = { executor: operator.address, signingKey: signing.address, stopped: true };
        return {
            ok: true,
            value,
            text: facts([
                ["executor", operator.address],
                ["state", "stopped"],
            ]),
        };
    },
});
