import {
    type Hex,
    isHex,
    ProtocolError,
    parseReceipt,
    type Receipt,
    toHex,
    type Verdict,
    verifyReceipt,
} from "@assay/protocol";
import { readChainState } from "../chainState.ts";
import { type Sent, sendRequest } from "../hub.ts";
import { receiptFromChain } from "../receiptFromChain.ts";
import { buildRequest, type PreparedRequest, type RequestWish } from "../request.ts";
import { waitForAnswer } from "../waitForAnswer.ts";
import { settingOf } from "./_settings.ts";
import type { Asker, Prepared } from "./ask.ts";
import { type Chat, type ChatAnswer, type ChatStream, chat, streamChat } from "./chat.ts";
import { expectWorth, judgeReceipt } from "./claims.ts";
import { createExchange } from "./exchange.ts";
import { type Inference, type InferenceAnswer, infer } from "./infer.ts";
import type { AssayOptions, Setting } from "./options.ts";
import { hasAllEvidence, waitForReceipt } from "./standing.ts";

/** A receipt and what it is worth. */
export type Checked = { receipt: Receipt; verdict: Verdict };

/** Inferences that are paid for within limits, and verified before anybody sees them. */
export type Assay = {
    /** Asks a model of tensors at the gateway. */
    infer: (inference: Inference) => Promise<InferenceAnswer>;
    /** Asks a model of text at the gateway; with `stream: true`, piece by piece. */
    chat: {
        (chat: Chat & { stream: true }): Promise<ChatStream>;
        (chat: Chat & { stream?: false }): Promise<ChatAnswer>;
    };
    /** Asks on chain; `waitFor` its requestId gives the answer. */
    request: (wish: RequestWish) => Promise<PreparedRequest & { sent: Sent }>;
    /**
     * Waits for all evidence of a request on chain (its requestId) or of an inference at the gateway (its receipt's id),
     * and verifies it: against what was asked for if it was asked for here, else only by what it says of itself. Throws
     * SDK_RECEIPT_REFUSED, SDK_RECEIPT_NOT_MINE, SDK_EVIDENCE_WEAKER, REQUEST_UNANSWERED, SDK_EVIDENCE_LATE,
     * SDK_INFERENCE_FAILED.
     */
    waitFor: (id: string, options?: { signal?: AbortSignal }) => Promise<Checked>;
    /** Checks any receipt, against the chain where there is a node; refuses nothing by itself. */
    verifyReceipt: (receipt: unknown) => Promise<Verdict>;
    /** Lets go of the node, where `rpcUrl` named it. */
    close: () => void;
};

/** How long `waitFor` waits for a chain unless its signal says less. */
const PATIENCE_MS = 600_000;

/**
 * Everything that an application needs of Assay, in Node and in browsers. It pays within `spend` and nothing else, and
 * every answer is verified before it is given: that this request, model, input, output and payment is what an executor
 * answers for, with evidence no weaker than the policy. Throws SDK_OPTIONS_INVALID, RPC_UNREACHABLE.
 * @example
 * const assay = await createAssay({ gatewayUrl, rpcUrl, deployment, payer, spend });
 * const { outputs, verdict } = await assay.infer({ model: "tensors", inputs: { x: [1, 2, 3, 4] }, policy: "SIGNED" });
 */
export async function createAssay(options: AssayOptions): Promise<Assay> {
    const setting = await settingOf(options);
    const asker: Asker = { setting, exchange: createExchange<Prepared>(setting), asked: new Map() };
    function ask(wish: Chat & { stream: true }): Promise<ChatStream>;
    function ask(wish: Chat & { stream?: false }): Promise<ChatAnswer>;
    function ask(wish: Chat): Promise<ChatStream | ChatAnswer> {
        return wish.stream === true ? streamChat(asker, wish) : chat(asker, wish);
    }
    return {
        infer: (inference) => infer(asker, inference),
        chat: ask,
        request: (wish) => request(setting, wish),
        waitFor: (id, { signal } = {}) => waitFor(asker, { id, signal }),
        verifyReceipt: (receipt) => verdictOf(setting, receipt),
        close: () => {
            if (options.rpcUrl !== undefined) setting.provider?.destroy();
        },
    };
}

async function request(setting: Setting, wish: RequestWish): Promise<PreparedRequest & { sent: Sent }> {
    const { signer, provider, deployment } = setting;
    if (signer === undefined || provider === undefined) throw missing("signer and provider");
    const { chainId, contracts } = deployment;
    const requester = toHex(await signer.getAddress(), 20);
    const prepared = buildRequest({ chainId, hub: contracts.InferenceHub, requester }, wish);
    return { ...prepared, sent: await sendRequest({ signer, provider, deployment }, prepared) };
}

type Waiting = { id: string; signal: AbortSignal | undefined };

async function waitFor({ setting, asked }: Asker, { id, signal }: Waiting): Promise<Checked> {
    const wanted = asked.get(id);
    if (wanted !== undefined) {
        const found = await waitForReceipt(setting, { id, isEnough: hasAllEvidence, signal });
        const { receipt, verdict } = await judgeReceipt(setting, { receipt: found, wanted, isEarly: false });
        return { receipt, verdict };
    }
    const receipt = isHex(id, 32)
        ? await answerOnChain(setting, { requestId: toHex(id, 32), signal })
        : await waitForReceipt(setting, { id, isEnough: hasAllEvidence, signal });
    const verdict = await verdictOf(setting, receipt);
    expectWorth(setting, { receipt, verdict });
    return { receipt, verdict };
}

async function answerOnChain(
    { provider, deployment }: Setting,
    { requestId, signal }: { requestId: Hex; signal: AbortSignal | undefined },
): Promise<Receipt> {
    if (provider === undefined) throw missing("provider");
    const patience = AbortSignal.timeout(PATIENCE_MS);
    const bounded = signal === undefined ? patience : AbortSignal.any([signal, patience]);
    const { status } = await waitForAnswer({ provider, deployment, signal: bounded }, { requestId });
    if (status === "Final" || status === "Errored") return receiptFromChain({ provider, deployment, requestId });
    throw new ProtocolError({ code: "SDK_INFERENCE_FAILED", message: `${requestId} is ${status}.` });
}

async function verdictOf({ provider, deployment }: Setting, value: unknown): Promise<Verdict> {
    const alone = verifyReceipt({ receipt: value });
    if (provider === undefined || alone.requestId === undefined) return alone;
    const receipt = parseReceipt(value);
    return verifyReceipt({ receipt, chainState: await readChainState({ provider, deployment }, receipt) });
}

function missing(what: string): ProtocolError {
    return new ProtocolError({ code: "SDK_OPTIONS_INVALID", message: `This takes ${what}.` });
}
