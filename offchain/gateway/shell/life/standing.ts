import { type JsonObject, type Receipt, verifyReceipt } from "@assay/protocol";
import * as z from "zod";
import type { Standing } from "../../core/life.ts";
import { isEnd, type State } from "../../core/stages.ts";
import { findEvidence, findReceiptHash } from "../journal/evidence.ts";
import type { Inference } from "../journal/inference.ts";
import { saveVerdict } from "../journal/inferences.ts";
import type { LifeDeps } from "./deps.ts";
import { recordOf } from "./record.ts";

type Deps = Pick<LifeDeps, "database" | "deployment" | "settlement" | "log">;

const jsonObject = z.record(z.string(), z.json());

/** Where an inference stands, for whoever holds its id. */
export async function standingOf(deps: Deps, one: Inference): Promise<Standing> {
    const { id, state, wanted, refundTransaction, contents } = one;
    const isBack = state.stage === "refunding" || state.stage === "refunded";
    return {
        id,
        status: statusOf(deps, one),
        reason: state.reason?.text,
        receipt: await receiptNow(deps, one),
        refund: isBack ? { transaction: refundTransaction, amount: String(wanted.amount ?? 0n) } : undefined,
        isErased: contents === null,
    };
}

/** The receipt with all that there is by now; undefined before it was signed. */
export async function receiptNow(deps: Deps, one: Inference): Promise<Receipt | undefined> {
    const { id, signed, facts } = one;
    if (signed === undefined || facts === undefined) return undefined;
    const items = await findEvidence(deps.database, id);
    const receiptHash = await findReceiptHash(deps.database, id);
    return recordOf(deps, { one, signed, facts, items, receiptHash, settlement: await settlementOf(deps, one) });
}

/** Hashes, evidence and verdict: nothing that was asked or answered. */
export async function publicStandingOf(deps: Deps, one: Inference): Promise<JsonObject> {
    const receipt = await receiptNow(deps, one);
    const { reason, refund, isErased, status } = await standingOf(deps, one);
    return jsonObject.parse({
        requestId: one.requestId,
        status,
        reason: reason ?? null,
        policy: receipt?.origin === "gateway" ? receipt.request.policy : null,
        statement: receipt?.statement ?? null,
        digest: one.signed?.digest ?? null,
        sequence: one.signed?.sequence ?? null,
        receiptHash: (await findReceiptHash(deps.database, one.id)) ?? null,
        evidence: receipt?.evidence ?? [],
        registry: receipt?.registry ?? null,
        settlement: receipt?.settlement ?? null,
        refund: refund === undefined ? null : { transaction: refund.transaction ?? null, amount: refund.amount },
        isErased,
        verdict: receipt === undefined ? null : await keptVerdict(deps, { one, receipt }),
    });
}

/** Anybody may ask, and a proof takes long to check: what has ended is checked once. */
async function keptVerdict(
    { database }: Deps,
    { one, receipt }: { one: Inference; receipt: Receipt },
): Promise<JsonObject> {
    if (one.verdict !== undefined) return one.verdict;
    const verdict = verdictOf(receipt);
    if (isEnd(one.state)) await saveVerdict(database, { id: one.id, verdict });
    return verdict;
}

/** What a receipt is worth by itself, without its place in the log, as JSON. */
export function verdictOf({ settlement: _, ...receipt }: Receipt): JsonObject {
    const { requestId, digest, receiptHash, resultCode, ...verdict } = verifyReceipt({ receipt });
    return jsonObject.parse({ ...verdict, resultCode: resultCode ?? null });
}

function statusOf({ settlement }: Deps, { state, signed }: Inference): Standing["status"] {
    const isSettled = signed !== undefined && signed.sequence < settlement.settledUpTo();
    return state.stage === "proven" && isSettled ? "settled" : STATUS[state.stage];
}

const STATUS: Record<State["stage"], Standing["status"]> = {
    accepted: "accepted",
    paying: "paying",
    running: "running",
    answered: "running",
    signed: "running",
    served: "served",
    proven: "proven",
    failed: "failed",
    // What was bought cannot be had; that the money is back is said when it is.
    refunding: "failed",
    refunded: "refunded",
};

/** A log that cannot be asked does not hide the receipt. */
async function settlementOf({ settlement, log }: Deps, { id, signed }: Inference): Promise<Receipt["settlement"]> {
    if (signed === undefined || signed.sequence >= settlement.settledUpTo()) return undefined;
    try {
        const included = await settlement.proofOf(id);
        if (included === undefined) return undefined;
        const { log: address, root, sequence, proof } = included;
        return { kind: "batch", log: address, root, sequence, proof };
    } catch (error) {
        log.warn({ err: error, id }, "a settled receipt has no proof");
        return undefined;
    }
}
