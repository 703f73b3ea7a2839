import {
    type Attestation,
    type AttestationVerdict,
    bytesToHex,
    type EnclaveBinding,
    INTEL_DCAP,
    isBoundTo,
    ProtocolError,
    SIMULATED_NITRO,
    SIMULATED_TDX,
    verifyDcap,
    verifyNitro,
} from "@assay/protocol";
import type { AttestationProvider, GivenDocument } from "./provider.ts";

/** What was asked of a provider, and what it gave. */
export type DocumentCheck = {
    provider: Pick<AttestationProvider, "form" | "simulated" | "bindsKey" | "name">;
    given: GivenDocument;
    binding: EnclaveBinding;
    publicKey: Uint8Array;
    nonce: Uint8Array;
    /** Unix seconds. */
    at: number;
};

/**
 * What a provider's document says, if it is genuine, made now, and made for this binding, key and nonce. Throws
 * ENCLAVE_ATTESTATION_INVALID: whoever stands between this program and the hardware is not believed.
 */
export function checkDocument(check: DocumentCheck): Attestation {
    const { provider, binding, publicKey, nonce } = check;
    const verdict = provider.form === "nitro" ? nitroVerdict(check) : tdxVerdict(check);
    const attestation = attestationOf({ verdict, provider });
    if (!isBoundTo({ kind: verdict.kind, userData: attestation.userData, binding })) {
        throw invalid({ provider, why: `it binds ${attestation.userData}, not this registration` });
    }
    if (nonce.length > 0 && attestation.nonce !== bytesToHex(nonce)) {
        throw invalid({ provider, why: `its nonce is ${attestation.nonce ?? "absent"}, not ${bytesToHex(nonce)}` });
    }
    if (provider.bindsKey && attestation.publicKey !== bytesToHex(publicKey)) {
        throw invalid({
            provider,
            why: `it names key ${attestation.publicKey ?? "none"}, not ${bytesToHex(publicKey)}`,
        });
    }
    return attestation;
}

function nitroVerdict({ provider: { simulated }, given: { document }, at }: DocumentCheck): AttestationVerdict {
    return verifyNitro(simulated ? { document, at, profile: SIMULATED_NITRO } : { document, at });
}

function tdxVerdict({ provider: { simulated }, given: { document }, at }: DocumentCheck): AttestationVerdict {
    return verifyDcap({ kind: "tdx", quote: document, at, profile: simulated ? SIMULATED_TDX : INTEL_DCAP });
}

/**
 * A quote that lacks nothing but collateral is signed under Intel's root, by a domain that is not in debug mode. What
 * Intel says of its platform's patches is fetched and judged by whoever registers or relies on it: it changes daily.
 */
function attestationOf({
    verdict,
    provider,
}: {
    verdict: AttestationVerdict;
    provider: DocumentCheck["provider"];
}): Attestation {
    if (verdict.accepted) return verdict.attestation;
    if (verdict.code === "CollateralMissing" && verdict.attestation !== undefined) return verdict.attestation;
    throw invalid({ provider, why: `${verdict.code}: ${verdict.reason}` });
}

function invalid({ provider, why }: { provider: DocumentCheck["provider"]; why: string }): ProtocolError {
    const message = `The document of ${provider.name} is refused: ${why.replace(/\.$/, "")}.`;
    return new ProtocolError({ code: "ENCLAVE_ATTESTATION_INVALID", message });
}
