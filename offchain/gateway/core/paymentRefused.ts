import { type ErrorCode, ProtocolError } from "@assay/protocol";

/** What is wrong with payments, in the words that x402 has on the wire (those of the official packages 2.27). */
export const REASONS = {
    malformed: "invalid_payload",
    version: "invalid_x402_version",
    noMatch: "No matching payment requirements",
    unsupported: "unsupported_payload_type",
    extension: "extension_echo_mismatch",
    signature: "invalid_exact_evm_signature",
    recipient: "invalid_exact_evm_recipient_mismatch",
    value: "invalid_exact_evm_payload_authorization_value_mismatch",
    validBefore: "invalid_exact_evm_payload_authorization_valid_before",
    validAfter: "invalid_exact_evm_payload_authorization_valid_after",
    nonceUsed: "invalid_exact_evm_nonce_already_used",
    balance: "invalid_exact_evm_insufficient_balance",
    simulation: "invalid_exact_evm_transaction_simulation_failed",
    factory: "eip6492_factory_not_allowed",
    pending: "settlement_pending",
    failed: "invalid_exact_evm_transaction_failed",
    /** Ours: the payment was made for another resource, or for another request. */
    resource: "resource_mismatch",
    binding: "request_binding_mismatch",
    identifier: "invalid_payment_identifier",
    /** Ours: the facilitator's own rules. */
    policy: "facilitator_policy",
    rate: "facilitator_payer_rate",
    relayer: "facilitator_relayer_refused",
} as const;

/** A payment that is not taken; `reason` is the wire's word for why. */
export class PaymentRefused extends ProtocolError {
    readonly reason: string;

    constructor({ reason, detail, cause }: { reason: string; detail?: string; cause?: unknown }) {
        const code: ErrorCode = "GATEWAY_PAYMENT_INVALID";
        super({ code, message: detail === undefined ? `${reason}.` : `${reason}: ${detail}`, cause });
        this.reason = reason;
    }
}
