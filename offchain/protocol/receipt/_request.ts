import { uintToHex, ZERO_BYTES32 } from "../hex.ts";
import { requestIdGateway, requestIdHub, requestIdPull } from "../ids.ts";
import type { Case } from "./_case.ts";
import { contextHashOf } from "./gateway.ts";
import { termsFromJson } from "./json.ts";
import type { GatewayReceipt, HubReceipt, PullReceipt } from "./schema.ts";
import { merge, type Report, refuse } from "./verdict.ts";

/** The request is the preimage of requestId, and the statement answers it. */
export function checkRequest(examined: Case): Report {
    const { receipt } = examined;
    switch (receipt.origin) {
        case "hub":
            return checkHub(receipt);
        case "pull":
            return checkPull(receipt, examined.chain?.ask);
        case "gateway":
            return checkGateway(receipt);
    }
}

function checkHub({ chainId, request, statement }: HubReceipt): Report {
    const { terms } = request;
    const id = requestIdHub({ chainId, ...request, terms: termsFromJson(terms) });
    if (id !== statement.requestId) return wrongId(id);
    if (terms.modelId !== statement.modelId) {
        return refuse("RECEIPT_MODEL_NOT_ASKED", `Asked was model ${terms.modelId}, answered ${statement.modelId}.`);
    }
    if (terms.configHash !== statement.configHash) {
        return refuse("RECEIPT_CONFIG_NOT_ASKED", `Asked was ${terms.configHash}, answered ${statement.configHash}.`);
    }
    if (terms.inputHash !== statement.inputHash) {
        return refuse("RECEIPT_INPUT_NOT_ASKED", `Asked was ${terms.inputHash}, answered ${statement.inputHash}.`);
    }
    if (statement.contextHash !== ZERO_BYTES32) return contextForbidden("hub");
    const text = "requestId is the hash of chain, hub, requester, salt and all terms, policy and fee included.";
    return { proven: [{ subject: "request", by: "hash", text }] };
}

function checkPull({ chainId, gate, request, statement }: PullReceipt, ask: AskRead): Report {
    const id = requestIdPull({ chainId, gate, ...request });
    if (id !== statement.requestId) return wrongId(id);
    if (statement.contextHash !== ZERO_BYTES32) return contextForbidden("pull");
    const text = "requestId is the hash of chain, gate, consumer and salt.";
    const proven: Report["proven"] = [
        { subject: "request.consumer", by: "hash", text },
        { subject: "request.salt", by: "hash", text },
    ];
    if (ask !== undefined) {
        const wrong = askedOtherwise({ request, statement, ask });
        if (wrong !== undefined) return refuse("RECEIPT_ASK_MISMATCH", wrong);
        const read = "The consumer's event on this chain asks for exactly this.";
        return {
            proven: [...proven, ...claimsOfPull.map((subject) => ({ subject, by: "chain" as const, text: read }))],
        };
    }
    const claim =
        "The consumer asked for this, says the receipt; requestId does not hold it. The consumer's gate call does.";
    return { proven, claimed: claimsOfPull.map((subject) => ({ subject, text: claim })) };
}

function checkGateway({ chainId, gate, request, statement, context, ...receipt }: GatewayReceipt): Report {
    const id = requestIdGateway({ chainId, gate, executor: statement.executor, ...request });
    if (id !== statement.requestId) return wrongId(id);
    const text = "requestId is the hash of chain, gate, executor, payer, payment nonce and the request's body hash.";
    const members = ["request.payer", "request.paymentNonce", "request.requestHash"];
    const proven = members.map((subject) => ({ subject, by: "hash" as const, text }));
    if (receipt.erased !== undefined) return merge([{ proven }, checkErased({ ...receipt, context })]);
    if (context === undefined) return refuse("RECEIPT_CONTEXT_MISSING", "The statement commits to a context.");
    const contextHash = contextHashOf(context);
    if (contextHash !== statement.contextHash) {
        return refuse("RECEIPT_CONTEXT_MISMATCH", `The context hashes to ${contextHash}.`);
    }
    return { proven: [...proven, { subject: "context", by: "hash", text: "The statement commits to this context." }] };
}

/** Contents that were deleted are all gone; what they said is left to whoever saw them. */
function checkErased(receipt: Pick<GatewayReceipt, (typeof CONTENTS)[number]>): Report {
    const kept = CONTENTS.find((member) => receipt[member] !== undefined);
    if (kept !== undefined) return refuse("RECEIPT_ERASURE_CONTRADICTED", `Its ${kept} is there.`);
    const text = "The context was deleted: price, payment, usage, policy and place are the gateway's word.";
    const whole = "That the whole receipt had this hash is the gateway's word, unless a batch holds it.";
    return {
        claimed: [
            ...["statement.contextHash", "request.policy"].map((subject) => ({ subject, text })),
            { subject: "erased.receiptHash", text: whole },
        ],
        warnings: [{ code: "RECEIPT_ERASED", text: "Its contents were deleted; only their hashes are left." }],
    };
}

const CONTENTS = ["input", "inputSalt", "output", "outputSalt", "context"] as const;

type AskRead = NonNullable<Case["chain"]>["ask"];
const claimsOfPull = ["request.policy", "request.signers"];

function askedOtherwise({
    request,
    statement,
    ask,
}: Pick<PullReceipt, "request" | "statement"> & { ask: NonNullable<AskRead> }): string | undefined {
    if (ask.modelId !== statement.modelId) return `The consumer asked for model ${ask.modelId}.`;
    if (ask.configHash !== statement.configHash) return `The consumer asked for configuration ${ask.configHash}.`;
    if (ask.inputHash !== statement.inputHash) return `The consumer asked about input ${ask.inputHash}.`;
    if (uintToHex(ask.policy) !== request.policy) return `The consumer asked for policy ${uintToHex(ask.policy)}.`;
    if (ask.executors.join() !== request.signers.executors.join()) return "The consumer named other executors.";
    if (ask.minStakeWei.toString() !== request.signers.minStakeWei) return "The consumer asked for another stake.";
    return undefined;
}

function wrongId(id: string): Report {
    return refuse("RECEIPT_REQUEST_ID_MISMATCH", `The request of this receipt has the id ${id}.`);
}

function contextForbidden(origin: string): Report {
    return refuse("RECEIPT_CONTEXT_MISMATCH", `A ${origin} request has no context.`);
}
