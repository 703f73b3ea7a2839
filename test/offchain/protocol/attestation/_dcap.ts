import { type AttestationVerdict, type DcapInput, verifyDcap } from "@assay/protocol";
import { aDcapEvidence, type DcapForm, type DcapPlan, TEST_PROFILE } from "../../../support/attestation/dcap.ts";
import { AT } from "../../../support/attestation/dcapPki.ts";

/** One way to change good evidence, and what the verdict on it says. */
export interface DcapCase {
    name: string;
    code: string;
    form?: DcapForm;
    /** Before anything is signed. */
    change?: (plan: DcapPlan) => void;
    /** Bytes of the quote as made. */
    patch?: (quote: Uint8Array) => Uint8Array;
    /** Collateral as made. */
    collateral?: (made: Record<string, string>) => unknown;
    input?: Partial<DcapInput>;
}

/** Verdict on evidence of the tests' platform. */
export function judge(entry: Omit<DcapCase, "name" | "code"> = {}): AttestationVerdict {
    const { form = {}, change, patch = same, collateral = same, input = {} } = entry;
    const made = aDcapEvidence(form, change);
    return verifyDcap({
        kind: form.kind ?? "tdx",
        quote: patch(made.quote),
        collateral: collateral(made.collateral),
        at: AT,
        profile: TEST_PROFILE,
        ...input,
    });
}

/** Copies of bytes with the one at `offset` (from the end when negative) changed by `mask`. */
export function flipping(offset: number, mask = 1): (bytes: Uint8Array) => Uint8Array {
    return (bytes) => bytes.with(offset, (bytes.at(offset) ?? 0) ^ mask);
}

function same<T>(value: T): T {
    return value;
}
