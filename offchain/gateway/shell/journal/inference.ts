import { type GatewayContext, gatewayContext, type Hex, type JsonObject, receiptSchema } from "@assay/protocol";
import * as z from "zod";
import type { Order } from "../../core/order.ts";
import type { Payment } from "../../core/payment.ts";
import type { State } from "../../core/stages.ts";
import { bigintColumn, bytes, count, hex, integer, read } from "./_codec.ts";
import type { EvidenceItem } from "./evidence.ts";

const { statement, registry, attestation } = receiptSchema.options[2].shape;
const jsonObject = z.record(z.string(), z.json());
const parts = gatewayContext.shape;

const stateSchema = z.object({
    stage: z.enum([
        "accepted",
        "paying",
        "running",
        "answered",
        "signed",
        "served",
        "proven",
        "failed",
        "refunding",
        "refunded",
    ]),
    flow: z.enum(["free", "upfront", "authorization"]),
    isPaid: z.boolean(),
    doubt: z.enum(["none", "restart", "outcome"]),
    families: z.array(count),
    resultCode: count.optional(),
    faults: count,
    reason: z
        .object({
            code: z.enum([
                "GATEWAY_PAYMENT_INVALID",
                "GATEWAY_MODEL_FAILED",
                "GATEWAY_EVIDENCE_LOST",
                "GATEWAY_ABANDONED",
                "GATEWAY_SIGNING_FAILED",
            ]),
            text: z.string(),
        })
        .optional(),
});

const wantedSchema = z.object({
    route: parts.route,
    modelId: hex,
    modelName: z.string(),
    policy: integer,
    requestHash: hex,
    effective: jsonObject,
    attachments: parts.attachments,
    config: parts.config,
    configHash: hex,
    isStream: z.boolean(),
    units: count,
    amount: integer.optional(),
});

const outcomeSchema = z.object({ usage: parts.usage, upstream: parts.upstream });
const outcome = outcomeSchema.extend({ resultCode: count, output: bytes.nullable() });
const signed = z.object({ sequence: count, digest: hex, statement, context: gatewayContext.nullable() });
const facts = z.object({ registry, attestation: z.array(attestation.unwrap().element) });

/** What was ordered, without its contents; `amount`: units of the token, undefined = free. */
export type Ordered = Omit<Order, "id" | "requested" | "input"> & { amount: bigint | undefined };
/** What came of the run; `output` is null once deleted. */
export type Answered = z.output<typeof outcome>;
/** The statement, the digest that all evidence commits to, and its place in the log; `context` is null once deleted. */
export type Signed = z.output<typeof signed>;
/** What the registries said when it was signed. */
export type Facts = z.output<typeof facts>;

/** A payment, and by which transaction it was or may have been settled. */
export type LedgerPayment = { payment: Payment; transaction: Hex | undefined };

/** One inference as it is journalled. */
export type Inference = {
    id: string;
    requestId: `0x${string}`;
    /** Unix seconds by this machine's clock: for people and for retention, nothing is signed over it. */
    createdAt: number;
    state: State;
    wanted: Ordered;
    /** null: deleted. */
    contents: { requested: JsonObject; input: Uint8Array } | null;
    inputHash: `0x${string}`;
    salt: `0x${string}`;
    /** Of the payment, or the zero address and 32 random bytes. */
    payer: `0x${string}`;
    nonce: `0x${string}`;
    answered: Answered | undefined;
    signed: Signed | undefined;
    facts: Facts | undefined;
    /** All evidence there is, ascending by family; undefined = ask the journal. */
    items: readonly EvidenceItem[] | undefined;
    refundTransaction: `0x${string}` | undefined;
    /** What verifyReceipt said before contents were deleted. */
    verdict: JsonObject | undefined;
    /** The payment as the ledger has it, in the hands of whoever reserved it; everybody else asks the ledger. */
    held?: LedgerPayment;
};

/** Columns that parseInference reads. */
export const COLUMNS = `id, request_id, created_at, state, wanted, requested, input, input_hash, salt, payer, nonce,
    result_code, output, outcome, sequence, digest, statement, context, registry, attestation, refund_tx,
    verdict, is_erased`;

const row = z.object({
    id: z.string(),
    request_id: hex,
    created_at: bigintColumn,
    state: stateSchema,
    wanted: wantedSchema,
    requested: z.string().nullable(),
    input: bytes.nullable(),
    input_hash: hex,
    salt: hex,
    payer: hex,
    nonce: hex,
    result_code: z.coerce.number().nullable(),
    output: bytes.nullable(),
    outcome: outcomeSchema.nullable(),
    sequence: z.unknown(),
    digest: z.string().nullable(),
    statement: z.unknown(),
    context: z.string().nullable(),
    registry: z.unknown(),
    attestation: z.unknown(),
    refund_tx: hex.nullable(),
    verdict: jsonObject.nullable(),
    is_erased: z.boolean(),
});
type Row = z.output<typeof row>;

/** The inferences in rows of the journal; throws GATEWAY_JOURNAL_INVALID. */
export function parseInferences(json: unknown): Inference[] {
    return read({ schema: z.array(row), json }).map(inferenceOf);
}

/** JSON text of a state. */
export function encodeState(state: State): string {
    return JSON.stringify(state);
}

/** JSON text of what was ordered. */
export function encodeWanted({ effective, attachments, ...rest }: Ordered): string {
    return JSON.stringify(z.encode(wantedSchema, { ...rest, effective, attachments: [...attachments] }));
}

/** JSON text of what came of a run, beside its bytes. */
export function encodeOutcome({ usage, upstream }: Answered): string {
    return JSON.stringify({ usage, upstream });
}

function inferenceOf(row: Row): Inference {
    const { state } = row;
    return {
        id: row.id,
        requestId: row.request_id,
        createdAt: row.created_at,
        state: { ...state, resultCode: state.resultCode, reason: state.reason },
        wanted: { ...row.wanted, amount: row.wanted.amount },
        contents: contentsOf(row),
        inputHash: row.input_hash,
        salt: row.salt,
        payer: row.payer,
        nonce: row.nonce,
        answered: answeredOf(row),
        signed: signedOf(row),
        facts: row.registry === null ? undefined : read({ schema: facts, json: row }),
        items: undefined,
        refundTransaction: row.refund_tx ?? undefined,
        verdict: row.verdict ?? undefined,
    };
}

function contentsOf({ requested, input }: Row): Inference["contents"] {
    if (requested === null || input === null) return null;
    return { requested: read({ schema: jsonObject, json: JSON.parse(requested) }), input };
}

function answeredOf({ result_code, outcome, output }: Row): Answered | undefined {
    return result_code === null || outcome === null ? undefined : { ...outcome, resultCode: result_code, output };
}

function signedOf({ sequence, digest, statement, context }: Row): Signed | undefined {
    if (digest === null) return undefined;
    const said: GatewayContext | null =
        context === null ? null : read({ schema: gatewayContext, json: JSON.parse(context) });
    return read({ schema: signed, json: { sequence: Number(sequence), digest, statement, context: said } });
}
