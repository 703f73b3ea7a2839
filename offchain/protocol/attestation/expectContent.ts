import type { Hex } from "../hex.ts";
import type { Attestation, AttestationVerdict } from "./verdict.ts";

/** What the caller expects a document to say, beside its registers. */
export interface ExpectedContent {
    measurementId?: Hex | undefined;
    /** Nitro user_data; report data elsewhere, of which zeros after the given bytes may be left out. */
    userData?: Hex | undefined;
    publicKey?: Hex | undefined;
    nonce?: Hex | undefined;
}

const CONTENT = ["measurementId", "userData", "publicKey", "nonce"] as const;
const NAMES = {
    measurementId: "measurementId",
    userData: "user data",
    publicKey: "public key",
    nonce: "nonce",
} as const;

/**
 * The same verdict, or its refusal when the document says something else: MeasurementNotAllowed for other code,
 * ContentMismatch for other data. Refusals stay as they are.
 *
 * @example
 * const refused = verifyNitro({ document: new Uint8Array(10), at: 1770919022 });
 * expectContent({ verdict: refused, expect: { nonce: "0x00" } }).code; // "BadLength"
 */
export function expectContent({
    verdict,
    expect,
}: {
    verdict: AttestationVerdict;
    expect: ExpectedContent;
}): AttestationVerdict {
    if (!verdict.accepted) return verdict;
    const { attestation, kind } = verdict;
    const { measurementId, userData, publicKey, nonce } = expect;
    const isPadded = kind !== "nitro" && userData !== undefined;
    const wanted = { measurementId, userData: isPadded ? padded(userData, attestation) : userData, publicKey, nonce };
    for (const name of CONTENT) {
        const value = wanted[name];
        const found = attestation[name];
        if (value === undefined || found === value.toLowerCase()) continue;
        const code = name === "measurementId" ? "MeasurementNotAllowed" : "ContentMismatch";
        const what = name === "userData" && kind !== "nitro" ? "report data" : NAMES[name];
        const reason = `The ${what} is ${found ?? "absent"}, not ${value}.`;
        return { accepted: false, code, reason, kind, tier: "none", attestation, warnings: [] };
    }
    return verdict;
}

function padded(userData: Hex, attestation: Attestation): Hex {
    return `0x${userData.slice(2).padEnd(attestation.userData.length - 2, "0")}`;
}
