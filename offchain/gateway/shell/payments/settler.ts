import { type Hex, isHex, ProtocolError } from "@assay/protocol";
import type { FacilitatorClient } from "@x402/core/server";
import type { SettleResponse } from "@x402/core/types";
import type { Logger } from "pino";
import { createOutstanding, type Outstanding } from "../../core/outstanding.ts";
import type { Payment, Payments, Settling } from "../../core/payment.ts";
import { REASONS } from "../../core/paymentRefused.ts";
import type { Ledger } from "./ledger.ts";
import type { Token } from "./token.ts";

type Deps = {
    facilitator: { client: FacilitatorClient; isOurs: boolean };
    ledger: Ledger;
    token: Token;
    /** Waits, within bounds, until our own node has a transaction in a block. */
    seen: (transaction: Hex) => Promise<unknown>;
    outstanding: Outstanding;
    /** Settlements under way of each payer. */
    settling: Map<Hex, Set<Promise<Settling>>>;
    now: () => number;
    log: Logger;
};

type Verified = Awaited<ReturnType<Payments["verify"]>>;

/** Refusals after which nothing was sent, and that will not turn into anything else. */
const FINAL: ReadonlySet<string> = new Set([
    ...[REASONS.signature, REASONS.recipient, REASONS.value, REASONS.validBefore, REASONS.validAfter],
    ...[REASONS.balance, REASONS.unsupported, REASONS.malformed, REASONS.factory, REASONS.rate, REASONS.relayer],
]);

/** Verifies and settles through a facilitator; what became of the money is said by the chain. */
export function createSettler(
    parts: Omit<Deps, "outstanding" | "settling">,
): Pick<Payments, "verify" | "settle" | "release" | "reconcile"> {
    const deps: Deps = { ...parts, outstanding: createOutstanding(), settling: new Map() };
    return {
        verify: (payment) => verify(deps, payment),
        settle: (payment) => tracked(deps, payment),
        release: (payment) => deps.outstanding.release(keyOf(payment)),
        reconcile: (payment, transaction) => deps.ledger.look(payment, transaction),
    };
}

async function verify(deps: Deps, payment: Payment): Promise<Verified> {
    const { facilitator, ledger, outstanding } = deps;
    outstanding.hold(keyOf(payment), {
        payer: payment.payer,
        amount: payment.offer.amount,
        until: payment.validBefore,
    });
    try {
        if (!(await isCovered(deps, payment))) return refuse(deps, payment, REASONS.balance);
        const answer = await facilitator.client.verify(payment.payload, payment.requirements);
        if (answer.isValid) return { status: "valid" };
        const reason = answer.invalidReason ?? REASONS.failed;
        // Somebody may have sent the authorization before us, which pays as well.
        const isPerhapsUsed = reason === REASONS.nonceUsed || reason === REASONS.simulation;
        if (isPerhapsUsed && (await ledger.look(payment, undefined)).status === "settled") return { status: "valid" };
        return refuse(deps, payment, reason);
    } catch (cause) {
        outstanding.release(keyOf(payment));
        throw new ProtocolError({ code: "GATEWAY_FACILITATOR_SILENT", cause });
    }
}

function refuse({ outstanding }: Deps, payment: Payment, reason: string): Verified {
    outstanding.release(keyOf(payment));
    return { status: "invalid", reason };
}

/** Whether the balance covers all that its owner has promised here and not yet paid. */
async function isCovered({ outstanding, settling, token, now }: Deps, { payer, offer }: Payment): Promise<boolean> {
    const promised = () => outstanding.totalOf(payer, BigInt(Math.floor(now() / 1_000)));
    const isEnough = async () => promised() <= (await token.balanceOf(payer));
    // One alone is looked at by the facilitator.
    if (promised() <= offer.amount || (await isEnough())) return true;
    // A payment that is in a block and still counted as promised would be counted twice.
    await Promise.allSettled(settling.get(payer) ?? []);
    return isEnough();
}

/** Until it is known what became of it, a settlement still counts against the balance. */
async function tracked(deps: Deps, payment: Payment): Promise<Settling> {
    const { settling, outstanding } = deps;
    const own = settling.get(payment.payer) ?? new Set();
    const working = settle(deps, payment);
    settling.set(payment.payer, own.add(working));
    try {
        const settled = await working;
        if (settled.status !== "unknown") outstanding.release(keyOf(payment));
        return settled;
    } finally {
        own.delete(working);
        if (own.size === 0) settling.delete(payment.payer);
    }
}

async function settle({ facilitator, ledger, seen: inBlock, log }: Deps, payment: Payment): Promise<Settling> {
    const said = await ask(facilitator.client, payment);
    const transaction = isHex(said?.transaction, 32) ? said.transaction : undefined;
    // Ours has seen the block itself; anybody else is believed once the chain says the same.
    if (said?.success && facilitator.isOurs && transaction !== undefined) return { status: "settled", transaction };
    if (said?.success !== true) {
        const { errorReason, errorMessage } = said ?? {};
        log.warn({ payer: payment.payer, nonce: payment.nonce, errorReason, errorMessage }, "not settled");
    }
    try {
        if (said?.success && transaction !== undefined) await inBlock(transaction);
        const seen = await ledger.look(payment, transaction);
        if (seen.status !== "unknown") return seen;
    } catch (error) {
        log.warn({ err: error }, "the chain does not answer: the settlement stays unknown");
        return { status: "unknown", transaction };
    }
    const reason = said?.errorReason ?? "";
    const isRefused = said !== undefined && !said.success && transaction === undefined;
    if (isRefused && (FINAL.has(reason) || reason.startsWith(REASONS.policy))) return { status: "failed", reason };
    return { status: "unknown", transaction };
}

/** undefined: it did not answer, or not in words that mean anything; it may have sent the payment all the same. */
async function ask(client: FacilitatorClient, payment: Payment): Promise<SettleResponse | undefined> {
    try {
        return await client.settle(payment.payload, payment.requirements);
    } catch {
        return undefined;
    }
}

function keyOf({ payer, nonce }: Payment): string {
    return `${payer}:${nonce}`;
}
