import {
    bytesToHex,
    canonicalJson,
    type GatewayReceipt,
    type Hex,
    hashJson,
    type JsonObject,
    ProtocolError,
    parseConfiguration,
    policyFromText,
    presetOf,
    uintToHex,
    type Verdict,
} from "@assay/protocol";
import { z } from "zod";
import { notAnAnswer } from "./_http.ts";
import { expectAsked, judgeReceipt, type PinnedConfig, type Wanted } from "./claims.ts";
import type { Exchange, Exchanged } from "./exchange.ts";
import type { Setting } from "./options.ts";
import { hasAllEvidence, isReceiptId, waitForReceipt } from "./standing.ts";

/** What every question to a gateway has. */
export type Asking = {
    /** Name or modelId. A name is the gateway's word unless `models` of createAssay says what it stands for. */
    model: string;
    /** Name of a preset or a policy word; SIGNED unless told. */
    policy?: string | bigint;
    /** The configuration that must be in force; one that is in force and not named here is refused. */
    config?: PinnedConfig;
    /**
     * When the answer is given: with all its evidence, or signed while a proof is still being made (`served`), which
     * `proven` then waits for.
     */
    until?: "proven" | "served";
    signal?: AbortSignal;
};

/** What every verified answer has. */
export type Answered = {
    /** Of the receipt at the gateway. */
    id: string;
    receipt: GatewayReceipt;
    verdict: Verdict;
    /** Whether all evidence of the policy is there. */
    isProven: boolean;
    /** What was paid; undefined on an unpaid route. */
    paid: { amount: bigint; asset: Hex; transaction: string | undefined } | undefined;
    /** Waits until all evidence is there, and verifies it; the same answer when it is. */
    proven: (options?: { signal?: AbortSignal }) => Promise<{ receipt: GatewayReceipt; verdict: Verdict }>;
};

/** A question on its way: what is sent, and what its receipt has to say. */
export type Prepared = {
    path: string;
    body: JsonObject;
    requestHash: Hex;
    /** Equal for equal questions, whatever their salt. */
    key: Hex;
    asking: Asking;
    wanted: Omit<Wanted, "payment" | "requestHash">;
};

const jsonObject = z.record(z.string(), z.json());
const SALT_BYTES = 16;
const MOST_REMEMBERED = 10_000;

/** Makes the body of a question; throws POLICY_UNKNOWN, POLICY_NOT_CANONICAL, CONFIG_INVALID, SDK_OPTIONS_INVALID. */
export function prepare(
    { models }: Pick<Setting, "models">,
    { route, asking, members }: { route: Wanted["route"]; asking: Asking; members: unknown },
): Prepared {
    const { model, config } = asking;
    const policy = policyOf(asking.policy ?? "SIGNED");
    const parsed = jsonObject.safeParse(members);
    if (!parsed.success) throw new ProtocolError({ code: "SDK_OPTIONS_INVALID", message: "The question is no JSON." });
    const { content, ...pinned } = config ?? {};
    // before anything is paid
    if (content !== undefined) parseConfiguration(content);
    const verification = {
        policy: presetOf(policy) ?? uintToHex(policy),
        ...(config === undefined ? {} : { config: pinned }),
    };
    // 128 bits that nobody guesses: the hash of a short prompt would tell it
    const salt = bytesToHex(crypto.getRandomValues(new Uint8Array(SALT_BYTES)));
    const body: JsonObject = { ...parsed.data, model, verification: { ...verification, salt } };
    return {
        path: route === "infer" ? "/v1/infer" : "/v1/chat/completions",
        body,
        requestHash: hashJson(body),
        key: hashJson({ ...parsed.data, model, verification }),
        asking,
        wanted: { route, policy, modelId: models.get(model) ?? modelIdIn(model), config },
    };
}

/** Waits for the receipt of an exchange as long as the question says, and judges it. */
export async function verified(
    { setting, asked }: Asker,
    { question, exchanged, id }: { question: Prepared; exchanged: Exchanged<Prepared>; id: string },
): Promise<Answered> {
    const { asking } = question;
    const isEarly = asking.until === "served";
    const { payment } = exchanged;
    const wanted = { ...question.wanted, requestHash: question.requestHash, payment };
    remember(asked, { id, wanted });
    const look = async (parts: { isEarly: boolean; signal: AbortSignal | undefined }) => {
        const isEnough = (found: GatewayReceipt) => {
            // what is wrong with it already is not waited for
            expectAsked(setting, { receipt: found, wanted });
            return parts.isEarly || hasAllEvidence(found);
        };
        const receipt = await waitForReceipt(setting, { id, isEnough, signal: parts.signal });
        return judgeReceipt(setting, { receipt, wanted, isEarly: parts.isEarly });
    };
    const judged = await look({ isEarly, signal: asking.signal });
    // What a header says beside it, nobody signed.
    const transaction = judged.receipt.context?.payment?.transaction;
    return {
        id,
        ...judged,
        paid: payment === undefined ? undefined : { amount: payment.amount, asset: payment.asset, transaction },
        proven: async ({ signal } = {}) => {
            if (judged.isProven) return { receipt: judged.receipt, verdict: judged.verdict };
            const { receipt, verdict } = await look({ isEarly: false, signal });
            expectSameAnswer(judged.receipt, receipt);
            return { receipt, verdict };
        },
    };
}

/** The oldest are forgotten: whoever waits that long is told what the receipt says of itself. */
function remember(asked: Asker["asked"], { id, wanted }: { id: string; wanted: Wanted }): void {
    asked.set(id, wanted);
    for (const oldest of asked.keys()) {
        if (asked.size <= MOST_REMEMBERED) return;
        asked.delete(oldest);
    }
}

/** The id of the receipt of a response; throws SDK_GATEWAY_ANSWER_INVALID. */
export function receiptIdIn({ headers }: Response): string {
    const id = headers.get("X-Assay-Receipt") ?? "";
    if (isReceiptId(id)) return id;
    throw notAnAnswer("It names no receipt.");
}

/** Evidence may come later; what it is about never changes. */
function expectSameAnswer(early: GatewayReceipt, late: GatewayReceipt): void {
    if (canonicalJson(early.statement) === canonicalJson(late.statement)) return;
    throw new ProtocolError({ code: "SDK_ANSWER_MISMATCH", message: "The proof is about another answer." });
}

function policyOf(policy: string | bigint): bigint {
    return policyFromText(typeof policy === "string" ? policy : uintToHex(policy));
}

function modelIdIn(model: string): Hex | undefined {
    return /^0x[0-9a-fA-F]{64}$/.test(model) ? `0x${model.slice(2).toLowerCase()}` : undefined;
}

/** Everything that asks a gateway. */
export type Asker = {
    setting: Setting;
    exchange: Exchange<Prepared>;
    /** What was asked for by the id of its receipt, so that a gateway can never give another one for it later. */
    asked: Map<string, Wanted>;
};
