import { type AskedVerification, type JsonObject, policyOfVerification, verificationSchema } from "@assay/protocol";
import { memberInvalid } from "./_refusal.ts";

/** What a body asks of its verification; `policy` is a canonical word, undefined = whichever is paid for. */
export type Verification = Pick<AskedVerification, "config" | "salt"> & { policy: bigint | undefined };

/** Reads the member `verification`; throws GATEWAY_BODY_INVALID, POLICY_UNKNOWN, POLICY_NOT_CANONICAL. */
export function verificationOf(body: JsonObject): Verification {
    const { verification = {} } = body;
    const parsed = verificationSchema.safeParse(verification);
    if (!parsed.success) throw memberInvalid("verification", parsed.error);
    const { config, salt } = parsed.data;
    return { config, salt, policy: policyOfVerification(parsed.data) };
}
