import { sha256 } from "@noble/hashes/sha2.js";
import { concat } from "../../hex.ts";
import { bytesOf, isZero, sameBytes } from "../_bytes.ts";
import { isPoint, isSignedBy } from "../_curve.ts";
import { requireThat } from "../_fault.ts";
import { uintOf } from "./_cursor.ts";
import { fieldOf, reportDataOf } from "./_layouts.ts";
import type { Quote } from "./_quote.ts";
import { isMasked } from "./_tcb.ts";
import type { QeIdentity } from "./_tcbInfo.ts";

const CURVE = "P-256";
const HASH_BYTES = 32;

/**
 * Checks that the platform's key signed the quoting enclave's report, that the report names the attestation key, and
 * that this key signed the quote. Faults: QuotingEnclaveInvalid, PublicKeyInvalid, BadSignature.
 */
export function verifySignatures(quote: Quote, platformKey: Uint8Array): void {
    const { qeReport, qeReportSignature, attestationKey, qeAuthData, signed, signature } = quote;
    const code = "QuotingEnclaveInvalid";
    const isQeSigned = isSignedBy({
        curve: CURVE,
        key: platformKey,
        message: qeReport.body,
        signature: qeReportSignature,
    });
    requireThat(isQeSigned, code, "The quoting enclave's report is not signed by the platform's key.");
    const data = reportDataOf(qeReport);
    const isNamed = sameBytes(data.subarray(0, HASH_BYTES), sha256(concat(attestationKey, qeAuthData)));
    requireThat(isNamed && isZero(data.subarray(HASH_BYTES)), code, "The quoting enclave names another key.");
    requireThat(isPoint(CURVE, attestationKey), "PublicKeyInvalid", "The attestation key is not a point of P-256.");
    const isSigned = isSignedBy({ curve: CURVE, key: attestationKey, message: signed, signature });
    requireThat(isSigned, "BadSignature", "The quote is not signed by its attestation key.");
}

/** Checks that the quoting enclave is Intel's; its patch level is judged with the platform's. Fault: QuotingEnclaveInvalid. */
export function requireIntelEnclave({ qeReport }: Quote, identity: QeIdentity): void {
    const miscSelect = { attributes: identity.miscselect, attributesMask: identity.miscselectMask };
    const isIntel =
        sameBytes(fieldOf(qeReport, "mrSigner"), bytesOf(identity.mrsigner)) &&
        uintOf(fieldOf(qeReport, "isvProdId")) === identity.isvprodid &&
        isMasked(fieldOf(qeReport, "miscSelect"), miscSelect) &&
        isMasked(fieldOf(qeReport, "attributes"), identity);
    requireThat(isIntel, "QuotingEnclaveInvalid", "The quoting enclave is not the one that Intel names.");
}
