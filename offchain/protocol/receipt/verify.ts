import * as z from "zod";
import { FAMILIES } from "../constants.ts";
import { type ErrorCode, ProtocolError } from "../errors/ProtocolError.ts";
import { canonicalJson } from "../jcs.ts";
import { plainText } from "../plainText.ts";
import { checkBytes, checkCommitments } from "./_bytes.ts";
import { type Case, caseOf } from "./_case.ts";
import { checkChain } from "./_chain.ts";
import { checkModel, checkStatement } from "./_content.ts";
import { checkContext } from "./_context.ts";
import { checkEvidence } from "./_evidence.ts";
import { checkPayment } from "./_payment.ts";
import { checkPolicy, checkSigners, checkTime } from "./_policy.ts";
import { checkRequest } from "./_request.ts";
import { checkSettlement } from "./_settlement.ts";
import type { ChainState } from "./chainState.ts";
import { receiptHash } from "./hash.ts";
import { RECEIPT_VERSION, type Receipt, receiptSchema } from "./schema.ts";
import { merge, type Report, type Verdict } from "./verdict.ts";

/**
 * Checks a receipt by itself, and against what the caller read from a chain when that is given. Pure: it asks nobody.
 * The verdict says what is proven and what is only claimed; registry facts without `chainState` are claimed. `policy` is
 * what to judge by instead of what the receipt says was asked for, such as what a caller holds while evidence is to come.
 *
 * @example
 * verifyReceipt({ receipt: JSON.parse('{ "version": 1 }') }).code; // "RECEIPT_MALFORMED"
 */
export function verifyReceipt({
    receipt,
    chainState,
    policy,
}: {
    receipt: unknown;
    chainState?: ChainState | undefined;
    policy?: bigint | undefined;
}): Verdict {
    const parsed = readReceipt(receipt);
    if ("code" in parsed) return unreadable(parsed);
    const examined = caseOf({ receipt: parsed, chain: chainState, policy });
    const { refusal, ...findings } = examine(examined);
    const { present = 0, policyMet = false, proven = [], claimed = [], warnings = [] } = findings;
    return {
        accepted: refusal === undefined,
        code: refusal?.code ?? "ACCEPTED",
        reason: refusal?.reason ?? "",
        requestId: parsed.statement.requestId,
        digest: examined.digest,
        receiptHash: receiptHash(parsed),
        resultCode: parsed.statement.resultCode,
        present,
        policyMet,
        proven,
        claimed,
        warnings,
    };
}

/** Reads a receipt from JSON; throws RECEIPT_VERSION_UNKNOWN or RECEIPT_MALFORMED. */
export function parseReceipt(value: unknown): Receipt {
    const parsed = readReceipt(value);
    if ("code" in parsed) throw new ProtocolError({ code: parsed.code, message: parsed.reason });
    return parsed;
}

const MOST_REASON_CHARACTERS = 1000;

type Unreadable = { code: ErrorCode; reason: string };

function readReceipt(value: unknown): Receipt | Unreadable {
    const version = z.looseObject({ version: z.unknown() }).safeParse(value);
    if (version.success && version.data.version !== RECEIPT_VERSION) {
        return { code: "RECEIPT_VERSION_UNKNOWN", reason: `Version ${scalarText(version.data.version)}.` };
    }
    try {
        const receipt = receiptSchema.parse(value);
        // Hashes are of canonical JSON: what has none, or loses a member on the way in, is no receipt.
        if (canonicalJson(receipt) === canonicalJson(value)) return receipt;
        return { code: "RECEIPT_MALFORMED", reason: "It has a member that cannot be kept." };
    } catch (error) {
        // Hostile text can also exhaust the stack; whatever happens here, it is not a receipt.
        const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
        return { code: "RECEIPT_MALFORMED", reason: shortText(reason) };
    }
}

/** Objects may refuse to become text. */
function scalarText(value: unknown): string {
    const isScalar = typeof value === "string" || typeof value === "number";
    return isScalar ? shortText(String(value)) : `of type ${typeof value}`;
}

/** What is wrong with a hostile receipt may be as long as that receipt. */
function shortText(text: string): string {
    return plainText(text.slice(0, MOST_REASON_CHARACTERS));
}

/** All checks in order; later ones rely on what earlier ones established. */
function examine(examined: Case): Report {
    const content = merge(contentReports(examined));
    if (content.refusal) return content;
    const present = content.present ?? 0;
    return merge([content, ...outcomeReports(examined, present)]);
}

function* contentReports(examined: Case): Generator<Report> {
    yield checkRequest(examined);
    yield checkStatement(examined);
    yield checkBytes(examined);
    yield checkModel(examined);
    yield checkContext(examined);
    yield checkCommitments(examined);
    yield checkSigners(examined);
    yield checkTime(examined);
    yield checkEvidence(examined);
    yield unsigned(examined);
    yield unused(examined);
}

function* outcomeReports(examined: Case, present: number): Generator<Report> {
    yield checkPolicy(examined, present);
    yield checkPayment(examined);
    yield checkSettlement(examined, present);
    yield checkChain(examined, present);
}

/** A proof names an executor, but anybody can make one in anybody's name. */
function unsigned({ evidence, statement }: Case): Report {
    if (evidence.some(({ family }) => family !== FAMILIES.ZK_GROTH16)) return {};
    const text = `Nothing is signed: that ${statement.executor} answers for it is the word of whoever made the proof.`;
    return { claimed: [{ subject: "statement.executor", text }] };
}

/** A signing key that signed nothing here. */
function unused({ evidence, receipt, chain }: Case): Report {
    const isUsed = evidence.some(({ family }) => family === FAMILIES.SIGNED);
    if (isUsed || receipt.registry.executor === undefined || chain?.executor !== undefined) return {};
    const text = "The executor's key signed nothing here: its record is the receipt's word.";
    const members = ["signingKey", "notBefore", "notAfter", "state"];
    return { claimed: members.map((member) => ({ subject: `registry.executor.${member}`, text })) };
}

function unreadable({ code, reason }: Unreadable): Verdict {
    return {
        accepted: false,
        code,
        reason,
        requestId: undefined,
        digest: undefined,
        receiptHash: undefined,
        resultCode: undefined,
        present: 0,
        policyMet: false,
        proven: [],
        claimed: [],
        warnings: [],
    };
}
