import { isBoundTo } from "../attestation/binding.ts";
import { INTEL_DCAP } from "../attestation/dcap/profile.ts";
import { verifyDcap } from "../attestation/dcap/verifyDcap.ts";
import { AWS_NITRO } from "../attestation/nitro/profile.ts";
import { verifyNitro } from "../attestation/nitro/verifyNitro.ts";
import { SIMULATED_NITRO, SIMULATED_TDX } from "../attestation/simulated.ts";
import type { AttestationVerdict } from "../attestation/verdict.ts";
import { CLAIM_CLASSES } from "../constants.ts";
import { hexToBytes } from "../hex.ts";
import type { Case } from "./_case.ts";
import type { AttestationRecord, EnclaveFacts } from "./schema.ts";
import { type Report, refuse } from "./verdict.ts";

/** The document in the receipt shows, under the vendor's root, that this code holds this key for this operator. */
export function checkAttestation({ examined, enclave }: { examined: Case; enclave: EnclaveFacts }): Report {
    const { receipt } = examined;
    const index = receipt.attestation?.findIndex(({ enclaveId }) => enclaveId === enclave.enclaveId) ?? -1;
    const told = receipt.attestation?.[index];
    if (told === undefined) {
        const text = "No document is here: that the enclave was attested is the registry's word.";
        return { claimed: [{ subject: "attestation", text }] };
    }
    const verdict = verifyDocument({ enclave, told });
    if (!verdict.accepted) return refuse("RECEIPT_ATTESTATION_WRONG", `${verdict.code}: ${verdict.reason}`);
    const fault = faultOf({ chainId: receipt.chainId, enclave, told, verdict });
    if (fault !== undefined) return refuse("RECEIPT_ATTESTATION_WRONG", fault);
    const root = enclave.simulated ? "A development root, whose key everybody has," : "The vendor's root";
    const text = `${root} vouches that measurement ${enclave.measurementId} made the key ${enclave.signer}.`;
    return { proven: [{ subject: `attestation.${index}`, by: "signature", text }] };
}

/** Judged as of its registration: certificates end long before the registration does. */
function verifyDocument({ enclave, told }: { enclave: EnclaveFacts; told: AttestationRecord }): AttestationVerdict {
    const { family, simulated, registeredAt: at } = enclave;
    const document = hexToBytes(told.document);
    if (family === "TEE_NITRO") {
        return verifyNitro({ document, at, profile: simulated ? SIMULATED_NITRO : AWS_NITRO });
    }
    return verifyDcap({
        kind: family === "TEE_TDX" ? "tdx" : "sgx",
        quote: document,
        at,
        profile: simulated ? SIMULATED_TDX : INTEL_DCAP,
    });
}

function faultOf({
    chainId,
    enclave,
    told,
    verdict,
}: {
    chainId: number;
    enclave: EnclaveFacts;
    told: AttestationRecord;
    verdict: Extract<AttestationVerdict, { accepted: true }>;
}): string | undefined {
    const { kind, attestation } = verdict;
    if (attestation.measurementId !== enclave.measurementId) return `It is of ${attestation.measurementId}.`;
    const { registry, operator, signer, keyEpoch } = enclave;
    const { challenge, deadline, upstreamHash, configHash, binaryDigest } = told;
    const claimClass = CLAIM_CLASSES[enclave.claimClass];
    const claims = { claimClass, upstreamHash, configHash, binaryDigest };
    const place = { chainId, registry, operator, signer, keyEpoch: BigInt(keyEpoch) };
    const binding = { ...place, challenge, deadline, claims };
    return isBoundTo({ kind, userData: attestation.userData, binding })
        ? undefined
        : "It was not made for this registration.";
}
