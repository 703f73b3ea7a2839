import {
    FAMILIES,
    type GatewayReceipt,
    type Hex,
    hashJson,
    implies,
    isMet,
    type JsonObject,
    PRESENT_BITS,
    PRESETS,
    ProtocolError,
    type Receipt,
    SEMANTICS,
    type Verdict,
    verifyReceipt,
    ZERO_ADDRESS,
} from "@assay/protocol";
import { readChainState } from "../chainState.ts";
import type { Setting } from "./options.ts";
import type { SignedPayment } from "./wallet.ts";

/** What one call asked for, and what its receipt must therefore say. */
export type Wanted = {
    route: "infer" | "chat";
    requestHash: Hex;
    /** At least this. */
    policy: bigint;
    /** Undefined when the gateway asked for no payment. */
    payment: SignedPayment | undefined;
    /** What must have run; undefined = what the gateway calls by the name that was asked for. */
    modelId: Hex | undefined;
    /** The configuration that was pinned. */
    config: PinnedConfig | undefined;
};

/** A version of a named configuration; whichever is in force when none is named. */
export type PinnedConfig = {
    owner: string;
    name: string;
    version?: number;
    /**
     * What the caller takes it to say: only with it can be checked what it made of the question, and another content of
     * that version is refused.
     */
    content?: JsonObject;
};

/** What a receipt is worth to whoever asked. */
export type Judged = {
    receipt: GatewayReceipt;
    verdict: Verdict;
    /** Whether all evidence is there; it is not while a proof is still being made. */
    isProven: boolean;
};

/**
 * Holds a receipt against the chain and against what was asked: request, payment, executor, model, configuration, and
 * evidence no weaker than the policy. With `isEarly` a signature is enough for now. Throws SDK_RECEIPT_REFUSED,
 * SDK_RECEIPT_NOT_MINE, SDK_ANSWER_MISMATCH, SDK_EVIDENCE_WEAKER, SDK_INFERENCE_FAILED.
 */
export async function judgeReceipt(
    setting: Pick<Setting, "provider" | "deployment" | "executors" | "allowDev">,
    { receipt, wanted, isEarly }: { receipt: GatewayReceipt; wanted: Wanted; isEarly: boolean },
): Promise<Judged> {
    expectAsked(setting, { receipt, wanted });
    const { provider, deployment } = setting;
    const chainState = provider === undefined ? undefined : await readChainState({ provider, deployment }, receipt);
    const whole = verifyReceipt({ receipt, chainState });
    const isLate = isEarly && whole.code === "RECEIPT_POLICY_NOT_MET";
    const verdict = isLate ? verifyReceipt({ receipt, chainState, policy: PRESETS.SIGNED }) : whole;
    if (!verdict.accepted) {
        const message = `${verdict.code}: ${verdict.reason}`;
        const isWeaker = verdict.code === "RECEIPT_POLICY_NOT_MET";
        throw new ProtocolError({ code: isWeaker ? "SDK_EVIDENCE_WEAKER" : "SDK_RECEIPT_REFUSED", message });
    }
    if (verdict.resultCode !== 0) {
        throw new ProtocolError({ code: "SDK_INFERENCE_FAILED", message: `Result code ${verdict.resultCode}.` });
    }
    expectGenuine({ verdict, allowDev: setting.allowDev });
    expectSigned(verdict);
    if (!isLate) expectFamilies({ receipt, verdict, policy: wanted.policy });
    return { receipt, verdict, isProven: !isLate };
}

/**
 * A receipt of which nobody here knows what it was asked for by: that it is worth something, by the executors and the
 * evidence that are believed. Throws SDK_RECEIPT_REFUSED, SDK_RECEIPT_NOT_MINE, SDK_EVIDENCE_WEAKER,
 * SDK_INFERENCE_FAILED.
 */
export function expectWorth(
    { executors, allowDev }: Pick<Setting, "executors" | "allowDev">,
    { receipt, verdict }: { receipt: Receipt; verdict: Verdict },
): void {
    if (!verdict.accepted) {
        throw new ProtocolError({ code: "SDK_RECEIPT_REFUSED", message: `${verdict.code}: ${verdict.reason}` });
    }
    expectExecutor({ receipt, executors });
    if (receipt.origin === "gateway") {
        if (receipt.context === undefined) throw notMine("Its context was deleted.");
        expectSigned(verdict);
    }
    expectGenuine({ verdict, allowDev });
    if (verdict.resultCode === 0) return;
    throw new ProtocolError({ code: "SDK_INFERENCE_FAILED", message: `Result code ${verdict.resultCode}.` });
}

/**
 * What a receipt says by itself is what was asked for; whether that is true, only its evidence shows. Throws
 * SDK_RECEIPT_NOT_MINE, SDK_ANSWER_MISMATCH, SDK_EVIDENCE_WEAKER.
 */
export function expectAsked(
    setting: Pick<Setting, "deployment" | "executors">,
    { receipt, wanted }: { receipt: GatewayReceipt; wanted: Wanted },
): void {
    expectMine({ receipt, wanted, setting });
    expectPolicy({ receipt, policy: wanted.policy });
}

type Mine = { receipt: GatewayReceipt; wanted: Wanted; setting: Pick<Setting, "deployment" | "executors"> };

/** The receipt is of the very request that was made, and of nobody else's. */
function expectMine({ receipt, wanted, setting: { deployment, executors } }: Mine): void {
    const { request, statement, context } = receipt;
    const { chainId, contracts } = deployment;
    if (receipt.chainId !== chainId || receipt.gate !== contracts.EvidenceGate) {
        throw notMine(`It is of gate ${receipt.gate} on chain ${receipt.chainId}.`);
    }
    if (context === undefined) throw notMine("Its context was deleted.");
    if (context.route !== wanted.route) throw notMine(`It is of route ${context.route}.`);
    if (request.requestHash !== wanted.requestHash) throw notMine(`It is of request ${request.requestHash}.`);
    if (wanted.modelId !== undefined && statement.modelId !== wanted.modelId) {
        throw notMine(`Model ${statement.modelId} ran.`);
    }
    // A version of somebody else's model commits to its name there: what was asked for by name went to that one.
    if (wanted.modelId === undefined && context.upstream !== null) {
        const { model } = context.upstream;
        if (model !== context.requested.model) throw notMine(`Model ${model.slice(0, 80)} was asked.`);
    }
    expectExecutor({ receipt, executors });
    expectConfig(context.config, wanted.config);
    expectContent({ configHash: statement.configHash, content: wanted.config?.content });
    expectPayment({ receipt, payment: wanted.payment });
}

function expectExecutor({ receipt, executors }: { receipt: Receipt; executors: readonly Hex[] }): void {
    const { executor } = receipt.statement;
    if (executors.length > 0 && !executors.includes(executor)) throw notMine(`Executor ${executor} answers for it.`);
}

/** What was paid is exactly what was signed here. */
function expectPayment({ receipt, payment }: { receipt: GatewayReceipt; payment: SignedPayment | undefined }): void {
    const { request, context } = receipt;
    if (request.payer !== (payment?.payer ?? ZERO_ADDRESS)) throw notMine(`It was asked for by ${request.payer}.`);
    if (payment === undefined) {
        if (context?.payment != null) throw notMine("It was paid for, but not from here.");
        return;
    }
    if (request.paymentNonce !== payment.nonce) throw notMine(`It is of payment ${request.paymentNonce}.`);
    const said = context?.payment;
    // a failure is not charged: its context has no payment
    if (said == null && receipt.statement.resultCode !== 0) return;
    const { asset, payTo, amount, payer, nonce } = payment;
    const signed = { network: `eip155:${receipt.chainId}`, asset, payTo, amount: String(amount), payer, nonce };
    const members = ["network", "asset", "payTo", "amount", "payer", "nonce"] as const;
    const other = members.find((member) => said?.[member] !== signed[member]);
    if (other !== undefined) throw notMine(`Its payment has another ${other}.`);
}

/** A configuration may change what a model is asked: whoever did not ask for one gets no answer that it shaped. */
function expectConfig(found: PinnedConfig | null, pinned: PinnedConfig | undefined): void {
    if (pinned === undefined) {
        if (found === null) return;
        const name = found.name.slice(0, 80);
        throw mismatch(`Configuration "${name}" shaped it; name it in \`config\` if that is meant.`);
    }
    const isSame =
        found?.owner === pinned.owner.toLowerCase() &&
        found.name === pinned.name &&
        (pinned.version === undefined || found.version === pinned.version);
    if (!isSame) throw notMine(`Configuration ${found === null ? "none" : `${found.name} ${found.version}`} was used.`);
}

function expectContent({ configHash, content }: { configHash: Hex; content: JsonObject | undefined }): void {
    if (content === undefined) return;
    const hash = hashJson(content);
    if (hash !== configHash) throw notMine(`The configuration that was used has the hash ${configHash}, not ${hash}.`);
}

/** The policy that the executor signed is no weaker than the one that was asked for. */
function expectPolicy({ receipt, policy }: { receipt: GatewayReceipt; policy: bigint }): void {
    const said = [receipt.request.policy, receipt.context?.policy ?? receipt.request.policy];
    const weaker = said.find((word) => !implies(BigInt(word), policy));
    if (weaker === undefined) return;
    throw new ProtocolError({ code: "SDK_EVIDENCE_WEAKER", message: `It is of policy ${weaker}.` });
}

/** The families that verified meet what was asked for, whatever the receipt says was. */
function expectFamilies({ receipt, verdict, policy }: Omit<Judged, "isProven"> & { policy: bigint }): void {
    const exactInt = receipt.registry.model.semantics === EXACT_INT;
    if (verdict.policyMet && isMet({ word: policy, present: verdict.present, exactInt })) return;
    throw new ProtocolError({ code: "SDK_EVIDENCE_WEAKER" });
}

const EXACT_INT = Object.entries(SEMANTICS).find(([, value]) => value === SEMANTICS.EXACT_INT)?.[0];

/** Anybody can make evidence of a development setup or a simulated enclave. */
function expectGenuine({ verdict, allowDev }: { verdict: Verdict; allowDev: boolean }): void {
    const loud = Object.entries(PRESENT_BITS).filter(([, bit]) => (verdict.present & (1 << bit)) !== 0);
    if (allowDev || loud.length === 0) return;
    const message = `${loud.map(([name]) => name).join(" and ")}: anybody can make such evidence.`;
    throw new ProtocolError({ code: "SDK_EVIDENCE_WEAKER", message });
}

/** A proof names an executor, and an enclave its operator: only the executor's own key answers for payment and context. */
function expectSigned({ present }: Verdict): void {
    if ((present & (1 << FAMILIES.SIGNED)) !== 0) return;
    throw new ProtocolError({ code: "SDK_EVIDENCE_WEAKER", message: "No executor signed it." });
}

function notMine(message: string): ProtocolError {
    return new ProtocolError({ code: "SDK_RECEIPT_NOT_MINE", message });
}

/** SDK_ANSWER_MISMATCH. */
export function mismatch(message: string): ProtocolError {
    return new ProtocolError({ code: "SDK_ANSWER_MISMATCH", message });
}
