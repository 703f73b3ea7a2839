import { FAMILIES } from "../constants.ts";
import { isProtocolError } from "../errors/ProtocolError.ts";
import { type Hex, ZERO_ADDRESS, ZERO_BYTES32 } from "../hex.ts";
import { canonicalJson } from "../jcs.ts";
import { remoteDigestOf } from "../remoteModel.ts";
import { askedFault, type Fault, type Told } from "./_asked.ts";
import { parseCanonical } from "./_canonical.ts";
import type { Case } from "./_case.ts";
import { outputPartsOf } from "./gateway.ts";
import { type Report, refuse } from "./verdict.ts";

/** A configuration cannot be in force this long after the statement that it shaped, seconds: clocks of two blocks. */
const MAX_LEAD_SECONDS = 60;

/** The context of a gateway's receipt says nothing that its request, statement, model, bytes or settlement contradict. */
export function checkContext(examined: Case): Report {
    const { receipt } = examined;
    if (receipt.origin !== "gateway" || receipt.context === undefined) return {};
    const told = { receipt, context: receipt.context };
    const fault =
        askedFault(told) ??
        paymentFault(told) ??
        sequenceFault(told) ??
        upstreamFault(told) ??
        configFault(told) ??
        effectiveFault(told, examined.input) ??
        partsFault(told, examined.output) ??
        usageFault(told);
    return fault === undefined ? contextFindings(examined, told) : refuse(fault.code, fault.reason);
}

/** Payer and nonce are those of the request; nothing is free but what is said to be, and no failure is charged. */
function paymentFault({ receipt: { request, statement }, context: { payment } }: Told): Fault | undefined {
    const code = "RECEIPT_PAYMENT_MISMATCH";
    if (payment === null) {
        // Whoever brought an authorization for what then failed was not charged, and is named all the same.
        const isNamed = request.payer !== ZERO_ADDRESS && statement.resultCode === 0;
        return isNamed ? { code, reason: `${request.payer} is named as payer, and there is no payment.` } : undefined;
    }
    if (payment.payer !== request.payer) return { code, reason: `Paid by ${payment.payer}.` };
    if (payment.nonce !== request.paymentNonce) return { code, reason: `Payment nonce ${payment.nonce}.` };
    const isCharged = statement.resultCode !== 0 && payment.flow === "authorization";
    return isCharged ? { code, reason: "A failure was charged." } : undefined;
}

function sequenceFault({ receipt: { settlement }, context: { sequence } }: Told): Fault | undefined {
    if (settlement?.kind !== "batch" || settlement.sequence === sequence) return undefined;
    return { code: "RECEIPT_SEQUENCE_MISMATCH", reason: `Signed as ${sequence}, settled as ${settlement.sequence}.` };
}

/** GATEWAY goes with REMOTE versions, whose artifact is the name of who was asked; nobody was asked otherwise. */
function upstreamFault({ receipt, context: { claimClass, upstream } }: Told): Fault | undefined {
    const { semantics, artifactDigest } = receipt.registry.model;
    if ((claimClass === "GATEWAY") !== (semantics === "REMOTE")) {
        return { code: "RECEIPT_CLAIM_CLASS_WRONG", reason: `${claimClass} for a ${semantics} model.` };
    }
    const code = "RECEIPT_UPSTREAM_WRONG";
    if (upstream === null) {
        const isLacking = claimClass === "GATEWAY" && receipt.statement.resultCode === 0;
        return isLacking ? { code, reason: "It does not say who answered." } : undefined;
    }
    if (claimClass === "COMPUTE") return { code, reason: `Computed here, and answered by ${upstream.host}.` };
    const digest: Hex = remoteDigestOf(upstream);
    if (digest === artifactDigest) return undefined;
    return { code, reason: `${upstream.model} at ${upstream.host} has the digest ${digest}.` };
}

function configFault({ receipt: { statement }, context: { config } }: Told): Fault | undefined {
    const code = "RECEIPT_CONFIG_MISMATCH";
    if ((config === null) !== (statement.configHash === ZERO_BYTES32)) {
        return { code, reason: `Configuration ${statement.configHash} has ${config === null ? "no" : "a"} name.` };
    }
    if (config === null || config.inForceFrom <= statement.issuedAt + MAX_LEAD_SECONDS) return undefined;
    return { code, reason: `It came into force at ${config.inForceFrom} only.` };
}

/** The input of a chat is canonical JSON: the messages, the salt, and exactly the parameters in effect. */
function effectiveFault({ context }: Told, input: Uint8Array | undefined): Fault | undefined {
    if (context.route !== "chat" || input === undefined) return undefined;
    const code = "RECEIPT_EFFECTIVE_MISMATCH";
    const request = parseCanonical(input);
    if (request === undefined) return { code, reason: "The input is not canonical JSON." };
    const { salt, messages, ...parameters } = request;
    if (salt !== context.salt) return { code, reason: "The input has another salt." };
    if (!Array.isArray(messages)) return { code, reason: "The input has no messages." };
    if (canonicalJson(parameters) !== canonicalJson(context.effective)) {
        return { code, reason: "The input has other parameters." };
    }
    const { upstream } = context;
    if (upstream === null || upstream.model === parameters.model) return undefined;
    return { code, reason: `The input is for another model than ${upstream.model}.` };
}

function partsFault({ receipt, context }: Told, output: Uint8Array | undefined): Fault | undefined {
    const code = "RECEIPT_OUTPUT_PARTS_MISMATCH";
    const isAnswer = receipt.statement.resultCode === 0;
    if (isAnswer && output === undefined) return undefined;
    if (isAnswer && context.route === "chat" && output?.length === 0) return { code, reason: "The output is empty." };
    try {
        const parts = outputPartsOf({ route: context.route, output: output ?? new Uint8Array() });
        if (canonicalJson(parts) === canonicalJson(context.outputParts)) return undefined;
        return { code, reason: `The output's parts are: ${parts.map(({ path }) => path).join(", ") || "none"}.` };
    } catch (error) {
        if (isProtocolError(error, "JSON_INVALID")) return { code, reason: "The output is no answer of a chat." };
        throw error;
    }
}

/** Who counts tokens itself counts right; what an upstream counts is passed on as it says. */
function usageFault({ context: { claimClass, usage } }: Told): Fault | undefined {
    if (usage === null || claimClass === "GATEWAY") return undefined;
    if (usage.promptTokens + usage.completionTokens === usage.totalTokens) return undefined;
    return { code: "RECEIPT_USAGE_WRONG", reason: `${usage.totalTokens} tokens are not the sum.` };
}

function contextFindings({ evidence, chain }: Case, { context }: Told): Report {
    const isSigned = evidence.some(({ family }) => family === FAMILIES.SIGNED);
    const answers = isSigned
        ? "The executor signed this context, and answers for what it says."
        : "No executor signed it: enclaves and proofs speak of the output, not of price, payment or usage.";
    const claimed: Report["claimed"] = isSigned ? [] : [{ subject: "context", text: answers }];
    if (context.upstream !== null) {
        const text = "Who was asked, and what that one says of itself and of usage, is the gateway's word.";
        claimed.push({ subject: "context.upstream", text });
        if (context.usage !== null) claimed.push({ subject: "context.usage", text });
    }
    if (context.config !== null && chain?.config === undefined) {
        const text = "That this version was published, and when, is the gateway's word.";
        claimed.push({ subject: "context.config", text });
    }
    const policy = "The policy is in the context that the statement commits to.";
    return {
        proven: [
            { subject: "request.policy", by: "hash", text: policy },
            ...(isSigned ? [{ subject: "context", by: "signature" as const, text: answers }] : []),
        ],
        claimed,
    };
}
