import { type Hex, toHex } from "@assay/protocol";
import { x402Facilitator } from "@x402/core/facilitator";
import type { FacilitatorClient } from "@x402/core/server";
import type { PaymentPayload, PaymentRequirements, SettleResponse, VerifyResponse } from "@x402/core/types";
import { ExactEvmScheme } from "@x402/evm/exact/facilitator";
import type { Logger } from "pino";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { type Authorization, authorizationPayload, readAuthorization } from "../../core/authorization.ts";
import { PaymentRefused, REASONS } from "../../core/paymentRefused.ts";
import type { Node } from "../chain/node.ts";
import type { Relayer } from "../relayer.ts";
import { createSignatures, requireForm, type Signatures } from "./signature.ts";
import { createSigner, type FacilitatorSigner, NOT_SENT } from "./signer.ts";
import type { Token } from "./token.ts";

/** A rule of an operator's own: a text refuses, and so does whatever it throws. */
export type Check = (payload: PaymentPayload, requirements: PaymentRequirements) => Promise<string | undefined>;

/** What a facilitator settles, and for whom. */
export type FacilitatorRules = {
    /** Nothing but payments to these accounts is settled. */
    payTo: readonly Hex[];
    /** Gas of one settlement at most. */
    gasCap: bigint;
    /** Settlements that one payer may ask for in a minute. */
    perPayerPerMinute: number;
    /** A settlement that is in no block for this long is reported as pending. */
    confirmationMs: number;
    checks: readonly Check[];
};

/** What a facilitator answers by; it can be plugged in wherever the official packages take a client of one. */
export type Facilitator = FacilitatorClient;

type Deps = {
    node: Node;
    token: Token;
    rules: FacilitatorRules;
    official: x402Facilitator;
    signer: FacilitatorSigner & { minedAs: (hash: string) => string };
    pace: RateLimiterMemory;
    /** Settlements under way, by all that was asked: another amount for the same nonce is another question. */
    underWay: Map<string, Promise<SettleResponse>>;
    log: Logger;
};

/** A payment in the form that this facilitator passes on. */
type Admitted = { payload: PaymentPayload; authorization: Authorization };

const SECONDS_PER_MINUTE = 60;
const WASTED_GAS_SECONDS = 3_600;

/**
 * The official facilitator behind rules of its own: `exact` by EIP-3009 on one chain, in one token, for known payees. What
 * cannot be decided is refused. verify and settle answer refusals; they throw when the chain cannot be asked.
 */
export function createFacilitator({
    node,
    relayer,
    token,
    signatures = createSignatures({ node }),
    rules,
    log,
}: {
    node: Node;
    relayer: Relayer;
    token: Token;
    /** Shared with whoever else asks for the same ones. */
    signatures?: Signatures;
    rules: FacilitatorRules;
    log: Logger;
}): Facilitator {
    const { gasCap, confirmationMs, perPayerPerMinute } = rules;
    const signer = createSigner({ node, relayer, token: token.address, signatures, gasCap, confirmationMs });
    const official = new x402Facilitator();
    const network = `eip155:${relayer.chainId}` as const;
    // One network, by name: with several of them the official one would take every chain of the family.
    official.register(network, new ExactEvmScheme(signer));
    const pace = new RateLimiterMemory({ points: perPayerPerMinute, duration: SECONDS_PER_MINUTE });
    const deps: Deps = { node, token, rules, official, signer, pace, underWay: new Map(), log };
    return {
        verify: (payload, requirements) => verify(deps, payload, requirements),
        settle: (payload, requirements) => settle(deps, payload, requirements),
        getSupported: async () => {
            const { extensions, signers } = official.getSupported();
            return { kinds: [{ x402Version: 2, scheme: "exact", network }], extensions, signers };
        },
    };
}

async function verify(deps: Deps, payload: PaymentPayload, requirements: PaymentRequirements): Promise<VerifyResponse> {
    const admitted = await admit(deps, payload, requirements);
    if (typeof admitted === "string") return { isValid: false, invalidReason: admitted };
    const { from } = admitted.authorization;
    if (await isTooOften(deps, from)) return { isValid: false, invalidReason: REASONS.rate, payer: from };
    const answer = await deps.official.verify(admitted.payload, requirements);
    await requireAnswer(deps, answer.invalidReason, from);
    if (answer.isValid || answer.invalidReason !== REASONS.simulation) return answer;
    return { ...answer, invalidReason: await diagnose(deps, admitted.authorization) };
}

async function settle(deps: Deps, payload: PaymentPayload, requirements: PaymentRequirements): Promise<SettleResponse> {
    const failure = { success: false, transaction: "", network: requirements.network };
    const admitted = await admit(deps, payload, requirements);
    if (typeof admitted === "string") return { ...failure, errorReason: admitted };
    const { from } = admitted.authorization;
    const key = JSON.stringify([admitted.payload.payload, requirements]);
    if (await isTooOften(deps, from)) return { ...failure, errorReason: REASONS.rate, payer: from };
    const settling = deps.underWay.get(key) ?? execute(deps, admitted, requirements);
    deps.underWay.set(key, settling);
    try {
        return await settling;
    } finally {
        deps.underWay.delete(key);
    }
}

/** The official facilitator takes a node that does not answer for a wrong signature: then nothing is known, and this throws. */
async function requireAnswer({ node }: Pick<Deps, "node">, reason: string | undefined, payer = ""): Promise<void> {
    if (reason === REASONS.signature) await node.code(toHex(payer, 20));
}

/**
 * What cost gas counts. A transaction that failed, although nobody had used its authorization, was perhaps wanted to waste
 * gas, as by a wallet that agrees whenever it is only asked: nothing more of that payer is sent for an hour.
 */
async function charge(
    { pace, token }: Pick<Deps, "pace" | "token">,
    { from, nonce, reason }: { from: Hex; nonce: Hex; reason: string | undefined },
): Promise<void> {
    const isWasted = reason === REASONS.failed && !(await token.isUsed(from, nonce).catch(() => true));
    if (isWasted) await pace.block(from, WASTED_GAS_SECONDS);
    else await pace.penalty(from);
}

/** Only what cost gas counts: a payment that names somebody else as its payer takes nothing from that one. */
async function isTooOften({ pace }: Deps, payer: string): Promise<boolean> {
    return ((await pace.get(payer))?.remainingPoints ?? 1) <= 0;
}

async function execute(
    { node, official, signer, pace, token }: Deps,
    { payload, authorization: { from, nonce } }: Admitted,
    requirements: PaymentRequirements,
): Promise<SettleResponse> {
    const answer = await official.settle(payload, requirements);
    await requireAnswer({ node }, answer.errorReason, answer.payer);
    if (answer.transaction !== "") await charge({ pace, token }, { from, nonce, reason: answer.errorReason });
    if (answer.success) return { ...answer, transaction: signer.minedAs(answer.transaction) };
    // What a token says in words of its own has no reason of the official ones.
    const isRefused = answer.errorReason === REASONS.failed && answer.errorMessage?.endsWith(NOT_SENT);
    return isRefused ? { ...answer, errorReason: REASONS.relayer } : answer;
}

/** The payment as it is passed on, or why it is not. */
async function admit(
    { node, rules, token, log }: Deps,
    payload: PaymentPayload,
    requirements: PaymentRequirements,
): Promise<Admitted | string> {
    try {
        const broken = brokenRule({ rules, token }, requirements);
        if (broken !== undefined) return `${REASONS.policy}_${broken}`;
        const signed = readAuthorization(payload.payload);
        await requireForm(node, signed);
        // Members beside these would choose other ways of paying, past what is checked here.
        const { accepted } = payload;
        const known = { x402Version: payload.x402Version, accepted, payload: authorizationPayload(signed) };
        for (const check of rules.checks) {
            const refusal = await check(known, requirements);
            if (refusal !== undefined) return refusal;
        }
        return { payload: known, authorization: signed.authorization };
    } catch (error) {
        if (error instanceof PaymentRefused) return error.reason;
        log.error({ err: error }, "a rule of the facilitator failed, so the payment is refused");
        return `${REASONS.policy}_failed`;
    }
}

function brokenRule(
    { rules, token }: Pick<Deps, "rules" | "token">,
    { scheme, network, asset, payTo, extra }: PaymentRequirements,
): string | undefined {
    if (scheme !== "exact") return "scheme";
    if (network !== `eip155:${token.domain.chainId}`) return "network";
    if (asset.toLowerCase() !== token.address) return "asset";
    if (!rules.payTo.some((allowed) => allowed.toLowerCase() === payTo.toLowerCase())) return "pay_to";
    if (extra?.name !== token.domain.name || extra.version !== token.domain.version) return "domain";
    return extra.assetTransferMethod === undefined || extra.assetTransferMethod === "eip3009" ? undefined : "method";
}

/** Why a transfer would revert; the official diagnosis wants a contract that not every chain has. */
async function diagnose({ token }: Deps, { from, nonce, value }: Authorization): Promise<string> {
    if (await token.isUsed(from, nonce)) return REASONS.nonceUsed;
    return (await token.balanceOf(toHex(from, 20))) < value ? REASONS.balance : REASONS.simulation;
}
