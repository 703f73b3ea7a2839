import { extension } from "./certificate.ts";
import { derOid, derText } from "./derWriter.ts";

/** 2.25 and the UUID 820af22c-bfe9-4cf0-b80f-cb252588e8cd as a number: an arc that needs no registration. */
export const SIMULATED_MARK_OID = "2.25.172856474309181326017835107445983733965";

/**
 * The critical private extension that every certificate of the stand-ins carries. A genuine verifier must refuse it, like
 * every critical extension that it does not know; the development verifiers require it.
 */
export function simulatedMark(): Uint8Array {
    return extension({ oid: derOid(SIMULATED_MARK_OID), critical: true, value: derText("SIMULATED") });
}
