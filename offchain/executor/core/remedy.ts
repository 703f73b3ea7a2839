import type { ErrorCode } from "@assay/protocol";
import type { Remedy } from "./events.ts";
import type { Outcome } from "./state.ts";

/** What a refusal of the chain means for the request. */
export type Rejection = { remedy: Remedy; outcome: Outcome };

const KNOWN: Readonly<Record<string, { remedy: Remedy; code: ErrorCode }>> = {
    /** The chain's time is behind the block the statement was dated by: after a reorganisation. */
    IssuedInFuture: { remedy: "wait", code: "EXECUTOR_CHECK_REVERTED" },
    EvidenceTooOld: { remedy: "redate", code: "EXECUTOR_STATEMENT_OUTDATED" },
    DeadlinePassed: { remedy: "close", code: "EXECUTOR_REQUEST_EXPIRED" },
    RequestNotOpen: { remedy: "close", code: "EXECUTOR_ANSWERED_BY_OTHER" },
};

/**
 * What to do when hub or gate refuse evidence with this error. RequestUnknown is waited for: a reorganisation took the
 * request away and its log has not told so yet. Whatever is not known here is not sent and not tried again.
 */
export function rejectionOf({ error, detail }: { error: string; detail: string }): Rejection {
    if (error === "RequestUnknown") return { remedy: "wait", outcome: { code: "EXECUTOR_CHECK_REVERTED", detail } };
    const { remedy, code } = KNOWN[error] ?? { remedy: "close", code: "EXECUTOR_CHECK_REVERTED" };
    return { remedy, outcome: { code, detail } };
}
