/** Where the contracts of one chain are: deployments/<chainId>.json, written by scripts/deploy.ts, read by everybody. */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Hex, isDevelopmentChain, ProtocolError, toHex } from "@assay/protocol";
import { getAddress } from "ethers";
import { z } from "zod";

const address = z
    .string()
    .regex(/^0x[0-9a-fA-F]{40}$/, "not an address")
    .transform((text): Hex => toHex(text, 20));
const blockNumber = z.number().int().nonnegative();

const deploymentSchema = z
    .strictObject({
        version: z.literal(1),
        chainId: z.number().int().positive(),
        /** Block of the first contract: no event of the registries lies before it. */
        blockNumber,
        contracts: z.strictObject({
            ModelRegistry: address,
            ExecutorRegistry: address,
            VerifierRouter: address,
            SignedVerifier: address,
            Groth16Verifier: address,
            EvidenceGate: address,
            InferenceHub: address,
            ReceiptLog: address,
            ConfigRegistry: address,
            AttestationPolicy: address,
            TeeRegistry: address,
            P384Verifier: address,
            Sha384: address,
            NitroVerifier: address,
            /** Stand-ins under development roots, whose keys everybody has. */
            SimulatedNitroVerifier: address.optional(),
            SimulatedTdxVerifier: address.optional(),
            /** The one ERC-20 that fees may be paid in, if there is one. */
            Token: address.optional(),
            /** The EIP-3009 token that gateways are paid in, unless they are told another. */
            PaymentToken: address.optional(),
        }),
        /** Block of the hub: no request lies before it. */
        hubFromBlock: blockNumber,
        /** Families whose evidence is worth nothing here: their verifiers are stand-ins, and anybody can make documents. */
        SIMULATED: z
            .array(z.enum(["TEE_NITRO", "TEE_SGX", "TEE_TDX"]))
            .min(1)
            .optional(),
    })
    .refine(({ chainId, SIMULATED }) => SIMULATED === undefined || isDevelopmentChain(chainId), {
        message: "stand-ins exist on development chains only",
        path: ["SIMULATED"],
    });

/** The contracts of one chain; addresses in lower case. */
export type Deployment = z.output<typeof deploymentSchema>;

/**
 * Parses the content of a deployment file; throws DEPLOYMENT_INVALID.
 * @example
 * const { contracts } = parseDeployment(JSON.parse(text));
 */
export function parseDeployment(json: unknown): Deployment {
    const parsed = deploymentSchema.safeParse(json);
    if (parsed.success) return parsed.data;
    throw new ProtocolError({
        code: "DEPLOYMENT_INVALID",
        message: z.prettifyError(parsed.error),
        cause: parsed.error,
    });
}

/** Reads a deployment file; throws DEPLOYMENT_MISSING, DEPLOYMENT_INVALID. */
export async function loadDeployment({ file }: { file: string }): Promise<Deployment> {
    let text: string;
    try {
        text = await readFile(file, "utf8");
    } catch (cause) {
        throw new ProtocolError({ code: "DEPLOYMENT_MISSING", message: `${file} cannot be read.`, cause });
    }
    try {
        return parseDeployment(JSON.parse(text));
    } catch (cause) {
        if (!(cause instanceof SyntaxError)) throw cause;
        throw new ProtocolError({ code: "DEPLOYMENT_INVALID", message: `${file} is not JSON.`, cause });
    }
}

/** Writes deployments/<chainId>.json under `root` in one step, with checksummed addresses; returns its path. */
export async function writeDeployment({ root, deployment }: { root: string; deployment: Deployment }): Promise<string> {
    const { contracts, ...rest } = parseDeployment(deployment);
    const addresses = Object.entries(contracts).flatMap(([name, value]) => (value ? [[name, getAddress(value)]] : []));
    const file = path.join(root, "deployments", `${deployment.chainId}.json`);
    const unfinished = `${file}.${randomUUID()}`;

    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(unfinished, `${JSON.stringify({ ...rest, contracts: Object.fromEntries(addresses) }, null, 2)}\n`);
    await rename(unfinished, file);
    return file;
}
