import { availableParallelism } from "node:os";
import { FAMILIES, type Hex, isDevelopmentChain, isHex, ProtocolError, toHex } from "@assay/protocol";
import { type Deployment, loadDeployment } from "@assay/sdk";
import { z } from "zod";

const address = z.custom<Hex>((value) => isHex(value, 20), "not an address").transform((text) => toHex(text, 20));
const privateKey = z.custom<Hex>((value) => isHex(value, 32), "not a private key of 32 bytes");
const familyName = z.enum(["SIGNED", "TEE_NITRO", "TEE_SGX", "TEE_TDX", "ZK_GROTH16"]);
const whole = z.number().int().nonnegative();

const settingsSchema = z.strictObject({
    /** An Ethereum JSON-RPC endpoint. */
    rpcUrl: z.url({ protocol: /^https?$/ }),
    /** deployments/<chainId>.json. */
    deploymentFile: z.string().min(1),
    /** Folder of everything kept between runs (ASSAY_HOME); this executor's journal lies in it. */
    home: z.string().min(1),
    /** Directories of compiled models. */
    models: z.array(z.string()).default([]),
    /** Sends transactions and is paid; its address is the executor. Used by no other process. */
    operatorKey: privateKey,
    /** Signs statements; its address is the executor's key in ExecutorRegistry. */
    signingKey: privateKey,
    /** Families of evidence that are offered. */
    families: z.array(familyName).default([...familyName.options]),
    /** Enclaves that this executor operates; each is registered by `assay tee register`. */
    enclaves: z.array(z.url({ protocol: /^https?$/ })).default([]),
    /** Consumers whose pull requests are served, or "any": they pay nothing here. */
    pullConsumers: z.union([z.literal("any"), z.array(address)]).default([]),
    /** Percent of the protocol's least fee that is asked. The least fee has a margin for a rising gas price; 85 is about the cost. */
    feePercent: whole.default(85),
    /** Tokens besides the native one, and the least fee in units of each. */
    tokens: z.array(z.strictObject({ token: address, minimumFee: z.bigint().nonnegative() })).default([]),
    /** Signed failures per requester; nobody pays for them. */
    failureAllowance: whole.default(3),
    /** Blocks on top of a request before it is served; the chain's default unless told. */
    requestConfirmations: whole.optional(),
    /** Blocks on top of a delivery before its receipt is kept; the chain's default unless told. */
    deliveryConfirmations: whole.optional(),
    /** Pause between two looks at the chain; the chain's default unless told. */
    pollIntervalMs: whole.min(10).optional(),
    /** Seconds from evidence to a recorded delivery; the chain's default unless told. */
    secondsToDeliver: whole.optional(),
    /** Hosts from which inputs given by URI are fetched. */
    inputHosts: z.array(z.string()).default([]),
    /** No transaction is offered at more, wei per gas. */
    maxFeePerGasWei: z.bigint().positive().default(500_000_000_000n),
    /** Models that stay loaded, of each kind: sessions and proving keys. */
    loadedModels: whole.min(1).default(16),
    /** Models that run at the same time. */
    parallelRuns: whole.min(1).optional(),
});

/** Settings as they are given. */
export type SettingsInput = z.input<typeof settingsSchema>;

/** Settings with everything filled in. */
export type Settings = Omit<z.output<typeof settingsSchema>, "deploymentFile" | "families"> & {
    deployment: Deployment;
    families: readonly number[];
    requestConfirmations: number;
    deliveryConfirmations: number;
    pollIntervalMs: number;
    secondsToDeliver: number;
    parallelRuns: number;
};

/**
 * Development chains mine when a transaction comes, and nobody else mines there. On real chains two blocks deep a request
 * is rarely lost (and work for a lost one costs no gas), a receipt waits for four; blocks come every few seconds.
 */
const DEFAULTS = {
    development: { requestConfirmations: 0, deliveryConfirmations: 0, pollIntervalMs: 100, secondsToDeliver: 1 },
    real: { requestConfirmations: 1, deliveryConfirmations: 4, pollIntervalMs: 2_000, secondsToDeliver: 30 },
} as const;

/** Parses settings and reads the deployment they name; throws EXECUTOR_CONFIG_INVALID. */
export async function parseSettings(input: unknown): Promise<Settings> {
    const parsed = settingsSchema.safeParse(input);
    if (!parsed.success) {
        throw new ProtocolError({ code: "EXECUTOR_CONFIG_INVALID", message: `${z.prettifyError(parsed.error)}.` });
    }
    const { deploymentFile, families, ...rest } = parsed.data;
    const deployment = await loadDeployment({ file: deploymentFile });
    const defaults = isDevelopmentChain(deployment.chainId) ? DEFAULTS.development : DEFAULTS.real;
    const {
        requestConfirmations = defaults.requestConfirmations,
        deliveryConfirmations = defaults.deliveryConfirmations,
        pollIntervalMs = defaults.pollIntervalMs,
        secondsToDeliver = defaults.secondsToDeliver,
        // One core is left for proofs, the journal and the chain.
        parallelRuns = Math.max(1, availableParallelism() - 1),
    } = rest;
    return {
        ...rest,
        deployment,
        families: families.map((name) => FAMILIES[name]),
        requestConfirmations,
        deliveryConfirmations,
        pollIntervalMs,
        secondsToDeliver,
        parallelRuns,
    };
}
