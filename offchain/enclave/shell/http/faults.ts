import { type ErrorCode, isProtocolError, ProtocolError } from "@assay/protocol";
import type { Logger } from "pino";

/** Status of what went wrong; everything that is not listed is a defect in here, of which nobody outside learns more. */
const STATUS: Partial<Record<ErrorCode, 400 | 403 | 404 | 409 | 413 | 422 | 502 | 503>> = {
    ENCLAVE_REQUEST_INVALID: 400,
    ENCLAVE_REQUEST_TOO_LARGE: 413,
    ENCLAVE_ROUTE_UNKNOWN: 404,
    ENCLAVE_MODEL_UNKNOWN: 404,
    ENCLAVE_ID_UNKNOWN: 404,
    ENCLAVE_NOT_ATTESTED: 409,
    ENCLAVE_OPERATOR_OTHER: 403,
    ENCLAVE_SIMULATED_CHAIN: 403,
    ENCLAVE_STATEMENT_REFUSED: 422,
    ENCLAVE_ANSWER_UNKNOWN: 422,
    ENCLAVE_PROVIDER_FAILED: 502,
    ENCLAVE_ATTESTATION_INVALID: 502,
    ENCLAVE_BUSY: 503,
    EXECUTOR_ARTIFACT_CORRUPT: 503,
};

/** Code, message and status of anything thrown while a request was served. */
export function faultOf({ error, log }: { error: unknown; log: Logger }) {
    if (isProtocolError(error)) {
        const { code, message } = error;
        const status = STATUS[code];
        if (status !== undefined) {
            log.info({ code }, "request refused");
            return { status, body: { error: { code, message } } } as const;
        }
    }
    // Inputs and outputs may be confidential: of a defect only its kind and place are told, to the log.
    log.error({ stack: error instanceof Error ? error.stack : undefined }, "request failed");
    return { status: 500, body: { error: { code: "UNEXPECTED", message: "The enclave has a defect." } } } as const;
}

/** Thrown for a request that is not of the form of its route. */
export function badRequest(message: string): ProtocolError {
    return new ProtocolError({ code: "ENCLAVE_REQUEST_INVALID", message });
}
