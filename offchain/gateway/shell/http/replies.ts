import { type ErrorCode, explainError, type JsonObject } from "@assay/protocol";
import { faultBody } from "../../core/faultBody.ts";
import { receiptIdOf } from "../../core/ids.ts";
import type { Head, Reply } from "../../core/life.ts";
import { RETRY_SECONDS } from "./faults.ts";

/** A reply as status, headers and body. */
export type Written = { status: 200 | 402 | 502 | 503; headers: Record<string, string>; body: JsonObject };

/** A reply without an answer; each says what is to be done next. */
export type Unserved = Exclude<Reply, { status: "served" }>;

/** Headers of everything that was paid for, or is being. */
export function headersOf({ id, paymentResponse }: Pick<Head, "id" | "paymentResponse">): Record<string, string> {
    return {
        "cache-control": "private, no-store",
        "x-assay-receipt": receiptIdOf(id),
        ...(paymentResponse === undefined ? {} : { "payment-response": paymentResponse }),
    };
}

/** Where the receipt of an inference is. */
export function receiptUrl({ baseUrl, id }: { baseUrl: string; id: string }): string {
    return `${baseUrl}/v1/receipts/${receiptIdOf(id)}`;
}

/** Writes what is no answer. */
export function writeUnserved(reply: Unserved, { baseUrl }: { baseUrl: string }): Written {
    if (reply.status === "unpaid") {
        const code = reply.error === undefined ? "GATEWAY_PAYMENT_REQUIRED" : "GATEWAY_PAYMENT_INVALID";
        const { headers, x402 } = reply.challenge;
        const fault = faultBody({ status: 402, code, message: sentence(code, reply.error) });
        return {
            status: 402,
            headers: { ...named(headers), "cache-control": "no-store" },
            body: { ...fault, x402: jsonOf(x402) },
        };
    }
    const { id, reason } = reply;
    const [status, code] =
        reply.status === "pending"
            ? ([503, "GATEWAY_SETTLEMENT_UNKNOWN"] as const)
            : ([502, "GATEWAY_REFUNDING"] as const);
    const later: Record<string, string> = status === 503 ? { "retry-after": String(RETRY_SECONDS) } : {};
    const receipt = { id: receiptIdOf(id), url: receiptUrl({ baseUrl, id }) };
    return {
        status,
        headers: { ...headersOf(reply), ...later },
        body: { ...faultBody({ status, code, message: sentence(code, reason) }), receipt },
    };
}

/** By lower-case names, so that none is there twice. */
function named(headers: Record<string, string>): Record<string, string> {
    return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** What the table says of a code, and why it came to that this time. */
function sentence(code: ErrorCode, reason: string | undefined): string {
    const { meaning, fix } = explainError(code);
    return [meaning, ...(reason === undefined ? [] : [`${reason.replace(/\.$/, "")}.`]), fix].join(" ");
}

/** What is sent anyway is JSON: what JSON has no form for was never in it. */
function jsonOf(value: unknown): JsonObject[string] {
    return JSON.parse(JSON.stringify(value ?? null));
}
