/** Where the contracts of one chain are: what deployments/<chainId>.json says. */
import { type Hex, isDevelopmentChain, ProtocolError, toHex } from "@assay/protocol";
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
