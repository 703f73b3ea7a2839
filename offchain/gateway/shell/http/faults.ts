import { isProtocolError } from "@assay/protocol";
import type { Logger } from "pino";
import { paramOf } from "../../core/atFault.ts";
import { type FaultBody, faultBody } from "../../core/faultBody.ts";
import { type FaultStatus, statusOf } from "../../core/statusOf.ts";

/** Seconds after which it is worth to come again: works take about that long. */
export const RETRY_SECONDS = 2;

/** Status, body and headers of anything thrown while a request was served. */
export type Fault = { status: FaultStatus; body: FaultBody; headers: Record<string, string> };

/** Reads what was thrown; of a defect only its kind and place are told, to the log: bodies may be confidential. */
export function faultOf({ error, log }: { error: unknown; log: Logger }): Fault {
    const status = statusOf(error);
    const isOurs = status === 500;
    if (isOurs) log.error({ code: codeOf(error), stack: error instanceof Error ? error.stack : undefined }, "defect");
    const code = isOurs ? "UNEXPECTED" : codeOf(error);
    const message = isOurs ? "The gateway has a defect." : messageOf(error);
    const isLater = status === 503 || status === 429;
    return {
        status,
        body: faultBody({ status, code, message, param: isOurs ? null : paramOf(error) }),
        headers: { "cache-control": "no-store", ...(isLater ? { "retry-after": String(RETRY_SECONDS) } : {}) },
    };
}

/** A fault as a whole response. */
export function faultResponse(fault: Fault): Response {
    const headers = { ...fault.headers, "content-type": "application/json" };
    return new Response(JSON.stringify(fault.body), { status: fault.status, headers });
}

function codeOf(error: unknown): string {
    return isProtocolError(error) ? error.code : "UNEXPECTED";
}

function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : "";
}
