import type { ErrorCode } from "@assay/protocol";
import type { Remedy } from "./events.ts";
import type { Outcome } from "./state.ts";

/** What a refusal of the chain means for the request. */
export type Rejection = { remedy: Remedy; outcome: Outcome };

const KNOWN: ReadonlyMap<string, { remedy: Remedy; code: ErrorCode }> = new Map([
    // After a reorganisation: the chain's time is behind the block that dated the statement,
    ["IssuedInFuture", { remedy: "wait", code: "EXECUTOR_CHECK_REVERTED" }],
    // or the request is gone, and its log has not told so yet.
    ["RequestUnknown", { remedy: "wait", code: "EXECUTOR_CHECK_REVERTED" }],
    ["EvidenceTooOld", { remedy: "redate", code: "EXECUTOR_STATEMENT_OUTDATED" }],
    ["DeadlinePassed", { remedy: "close", code: "EXECUTOR_REQUEST_EXPIRED" }],
    ["RequestNotOpen", { remedy: "close", code: "EXECUTOR_ANSWERED_BY_OTHER" }],
]);

/** What to do when hub or gate refuse evidence with this error. What is not known here is not sent and not tried again. */
export function rejectionOf({ error, detail }: { error: string; detail: string }): Rejection {
    const { remedy, code } = KNOWN.get(error) ?? { remedy: "close", code: "EXECUTOR_CHECK_REVERTED" };
    return { remedy, outcome: { code, detail } };
}
