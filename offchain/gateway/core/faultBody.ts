import type { FaultStatus } from "./statusOf.ts";

/** A fault as OpenAI's clients read it. */
export type FaultBody = { error: { message: string; type: string; param: string | null; code: string } };

/** The body of a refusal; `param` is the member of the request that is at fault, where one is. */
export function faultBody({
    status,
    code,
    message,
    param = null,
}: {
    status: FaultStatus;
    code: string;
    message: string;
    param?: string | null;
}): FaultBody {
    return { error: { message, type: typeOf(status), param, code } };
}

function typeOf(status: FaultStatus): string {
    if (status === 402) return "payment_required";
    if (status === 429) return "rate_limit_error";
    return status >= 500 ? "server_error" : "invalid_request_error";
}
