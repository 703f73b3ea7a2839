import * as z from "zod";
import { FAMILIES } from "./constants.ts";
import { toHex } from "./hex.ts";
import { encodePolicy, maskOf } from "./policy.ts";
import { policyFromText } from "./policyText.ts";

/** Names of levels of verification; TEE stands for any of its families. */
const LEVELS = ["signed", "tee", "zk"] as const;
const TEE = [FAMILIES.TEE_NITRO, FAMILIES.TEE_SGX, FAMILIES.TEE_TDX];

const hexOf = (bytes: number) =>
    z
        .string()
        .regex(new RegExp(`^0x[0-9a-fA-F]{${2 * bytes}}$`))
        .transform((text) => toHex(text, bytes));

/** Member `verification` of a gateway request's body: how sure its sender must be. */
export const verificationSchema = z
    .strictObject({
        /** Name of a preset, or a policy word. */
        policy: z.string().optional(),
        /** All of these have to hold; another way to name a policy. */
        levels: z.array(z.enum(LEVELS)).min(1).max(LEVELS.length).optional(),
        /** The configuration that must be in force; without a version, the present one of that name. */
        config: z.strictObject({ owner: hexOf(20), name: z.string(), version: z.int().min(1).optional() }).optional(),
        /** 128 bits against guessing; random unless given. */
        salt: hexOf(16).optional(),
    })
    .refine(({ policy, levels }) => policy === undefined || levels === undefined, {
        message: "policy and levels are two names of one thing",
        path: ["levels"],
    });

/** What a body asks of its verification, parsed. */
export type AskedVerification = z.output<typeof verificationSchema>;

/**
 * The policy that a body asks for; undefined = whichever is paid for. Throws POLICY_UNKNOWN, POLICY_NOT_CANONICAL.
 *
 * @example
 * policyOfVerification({ levels: ["signed", "zk"] }) === PRESETS.SIGNED_AND_ZK; // true
 */
export function policyOfVerification({
    policy,
    levels,
}: Pick<AskedVerification, "policy" | "levels">): bigint | undefined {
    if (policy !== undefined) return policyFromText(policy);
    return levels === undefined ? undefined : policyOfLevels(levels);
}

/** The policy that demands all of these levels; of enclaves any one will do. */
function policyOfLevels(levels: readonly (typeof LEVELS)[number][]): bigint {
    const fixed = maskOf([
        ...(levels.includes("signed") ? [FAMILIES.SIGNED] : []),
        ...(levels.includes("zk") ? [FAMILIES.ZK_GROTH16] : []),
    ]);
    const clauses = levels.includes("tee") ? TEE.map((family) => fixed | maskOf([family])) : [fixed];
    return encodePolicy({ clauses });
}
