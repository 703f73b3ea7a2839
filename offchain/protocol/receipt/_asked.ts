import type { ErrorCode } from "../errors/ProtocolError.ts";
import { isProtocolError } from "../errors/ProtocolError.ts";
import { isHex, toHex, uintToHex } from "../hex.ts";
import { hashJson } from "../jcs.ts";
import { type AskedVerification, policyOfVerification, verificationSchema } from "../verification.ts";
import type { GatewayContext } from "./context.ts";
import type { GatewayReceipt } from "./schema.ts";

/** A gateway's receipt whose context is there and is the one that its statement commits to. */
export interface Told {
    receipt: GatewayReceipt;
    context: GatewayContext;
}

/** What is wrong with a context, by the code that it is refused with. */
export type Fault = { code: ErrorCode; reason: string };

/** What was answered is what the body asks for: the body itself, model, policy, configuration and salt. */
export function askedFault({ receipt, context }: Told): Fault | undefined {
    const { request, statement } = receipt;
    const requestHash = hashJson(context.requested);
    if (requestHash !== request.requestHash) {
        return { code: "RECEIPT_REQUEST_HASH_MISMATCH", reason: `The body in the context hashes to ${requestHash}.` };
    }
    if (context.policy !== request.policy) {
        return { code: "RECEIPT_POLICY_NOT_ASKED", reason: `The context has policy ${context.policy}.` };
    }
    const { model, verification = {} } = context.requested;
    if (isHex(model, 32) && toHex(model, 32) !== statement.modelId) {
        return { code: "RECEIPT_MODEL_NOT_ASKED", reason: `The body asks for model ${model}.` };
    }
    const asked = verificationSchema.safeParse(verification);
    if (!asked.success) {
        return { code: "RECEIPT_POLICY_NOT_ASKED", reason: "What the body says of verification cannot be read." };
    }
    return verificationFault({ asked: asked.data, context });
}

function verificationFault({
    asked,
    context,
}: {
    asked: AskedVerification;
    context: GatewayContext;
}): Fault | undefined {
    const policy = policyTextOf(asked);
    if (policy !== undefined && policy !== context.policy) {
        return { code: "RECEIPT_POLICY_NOT_ASKED", reason: `The body asks for policy ${policy}.` };
    }
    if (asked.config !== undefined && !isConfigAsked({ asked: asked.config, config: context.config })) {
        const { owner, name, version = "any" } = asked.config;
        const reason = `The body asks for configuration ${name} of ${owner}, version ${version}.`;
        return { code: "RECEIPT_CONFIG_NOT_ASKED", reason };
    }
    if (asked.salt !== undefined && asked.salt !== context.salt) {
        return { code: "RECEIPT_EFFECTIVE_MISMATCH", reason: `The body asks for salt ${asked.salt}.` };
    }
    return undefined;
}

/** undefined: the body asks for none, and whatever was paid for counts. */
function policyTextOf(asked: AskedVerification): string | undefined {
    try {
        const policy = policyOfVerification(asked);
        return policy === undefined ? undefined : uintToHex(policy);
    } catch (error) {
        if (isProtocolError(error, "POLICY_UNKNOWN") || isProtocolError(error, "POLICY_NOT_CANONICAL")) return "none";
        throw error;
    }
}

function isConfigAsked({
    asked,
    config,
}: {
    asked: NonNullable<AskedVerification["config"]>;
    config: GatewayContext["config"];
}): boolean {
    if (config === null || config.owner !== asked.owner || config.name !== asked.name) return false;
    return asked.version === undefined || asked.version === config.version;
}
