import {
    type AskedVerification,
    type JsonObject,
    ProtocolError,
    policyOfVerification,
    verificationSchema,
} from "@assay/protocol";
import * as z from "zod";

/** What a body asks of its verification; `policy` is a canonical word, undefined = whichever is paid for. */
export type Verification = Pick<AskedVerification, "config" | "salt"> & { policy: bigint | undefined };

/** Reads the member `verification`; throws GATEWAY_BODY_INVALID, POLICY_UNKNOWN, POLICY_NOT_CANONICAL. */
export function verificationOf(body: JsonObject): Verification {
    const { verification = {} } = body;
    const parsed = verificationSchema.safeParse(verification);
    if (!parsed.success) {
        const message = `verification: ${z.prettifyError(parsed.error)}.`;
        throw new ProtocolError({ code: "GATEWAY_BODY_INVALID", message, cause: parsed.error });
    }
    const { config, salt } = parsed.data;
    return { config, salt, policy: policyOfVerification(parsed.data) };
}
