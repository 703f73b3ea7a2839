import { type ErrorCode, isProtocolError } from "@assay/protocol";

/** HTTP statuses of faults. */
export type FaultStatus = 400 | 402 | 404 | 405 | 408 | 409 | 413 | 422 | 429 | 500 | 502 | 503;

/** The one table from code to status. What is not in it is a defect in here, of which nobody outside learns more. */
const STATUS: Partial<Record<ErrorCode, FaultStatus>> = {
    GATEWAY_BODY_INVALID: 400,
    GATEWAY_PARAMETER_UNSUPPORTED: 400,
    GATEWAY_POLICY_UNAVAILABLE: 400,
    POLICY_UNKNOWN: 400,
    POLICY_NOT_CANONICAL: 400,
    JSON_INVALID: 400,
    GATEWAY_PAYMENT_REQUIRED: 402,
    GATEWAY_PAYMENT_INVALID: 402,
    GATEWAY_ROUTE_UNKNOWN: 404,
    GATEWAY_MODEL_UNKNOWN: 404,
    GATEWAY_RECEIPT_UNKNOWN: 404,
    GATEWAY_PROOF_PENDING: 404,
    GATEWAY_BATCH_FOREIGN: 404,
    GATEWAY_SIGNATURE_UNKNOWN: 404,
    GATEWAY_ATTESTATION_NONE: 404,
    GATEWAY_METHOD_UNKNOWN: 405,
    GATEWAY_REQUEST_SLOW: 408,
    GATEWAY_PAYMENT_REUSED: 409,
    GATEWAY_CONFIG_OTHER: 409,
    GATEWAY_REQUEST_TOO_LARGE: 413,
    GATEWAY_MODEL_FAILED: 422,
    GATEWAY_RATE_LIMITED: 429,
    GATEWAY_REFUNDING: 502,
    GATEWAY_ATTESTATION_FAILED: 502,
    GATEWAY_BUSY: 503,
    GATEWAY_STOPPING: 503,
    GATEWAY_SETTLEMENT_UNKNOWN: 503,
    GATEWAY_RELAYER_REFUSED: 503,
    RPC_UNREACHABLE: 503,
};

/** Status of a fault; 500 for whatever is not of the caller's making. */
export function statusOf(error: unknown): FaultStatus {
    return isProtocolError(error) ? (STATUS[error.code] ?? 500) : 500;
}
