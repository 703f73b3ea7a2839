import { encodePolicy, FAMILIES, type JsonObject, maskOf, ProtocolError, policyFromText, toHex } from "@assay/protocol";
import * as z from "zod";

/** Names of levels of verification; TEE stands for any of its families. */
const LEVELS = ["signed", "tee", "zk"] as const;
const TEE = [FAMILIES.TEE_NITRO, FAMILIES.TEE_SGX, FAMILIES.TEE_TDX];

const address = z
    .string()
    .regex(/^0x[0-9a-fA-F]{40}$/)
    .transform((text) => toHex(text, 20));
const verificationSchema = z
    .strictObject({
        /** Name of a preset, or a policy word. */
        policy: z.string().optional(),
        /** All of these have to hold; another way to name a policy. */
        levels: z.array(z.enum(LEVELS)).min(1).max(LEVELS.length).optional(),
        /** The configuration that must be in force; without a version, the present one of that name. */
        config: z.strictObject({ owner: address, name: z.string(), version: z.int().min(1).optional() }).optional(),
        /** 128 bits against guessing; random unless given. */
        salt: z
            .string()
            .regex(/^0x[0-9a-fA-F]{32}$/)
            .transform((text) => toHex(text, 16))
            .optional(),
    })
    .refine(({ policy, levels }) => policy === undefined || levels === undefined, {
        message: "policy and levels are two names of one thing",
        path: ["levels"],
    });

/** What a body asks of its verification; `policy` is a canonical word, undefined = whichever is paid for. */
export type Verification = Omit<z.output<typeof verificationSchema>, "policy" | "levels"> & {
    policy: bigint | undefined;
};

/** Reads the member `verification`; throws GATEWAY_BODY_INVALID, POLICY_UNKNOWN, POLICY_NOT_CANONICAL. */
export function verificationOf(body: JsonObject): Verification {
    const { verification = {} } = body;
    const parsed = verificationSchema.safeParse(verification);
    if (!parsed.success) {
        const message = `verification: ${z.prettifyError(parsed.error)}.`;
        throw new ProtocolError({ code: "GATEWAY_BODY_INVALID", message, cause: parsed.error });
    }
    const { policy, levels, ...rest } = parsed.data;
    if (policy !== undefined) return { ...rest, policy: policyFromText(policy) };
    return { ...rest, policy: levels === undefined ? undefined : policyOfLevels(levels) };
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
