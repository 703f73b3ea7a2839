import type { Hex } from "../../hex.ts";
import { bytesOf } from "../_bytes.ts";

/** Under which root a quote must be signed, and what else it needs. */
export interface DcapProfile {
    /** `simulated`: everybody has the root's private key. */
    tier: "hardware" | "simulated";
    /** x‖y of the root's P-256 key. */
    rootKey: Uint8Array;
    /** OID content of the critical extension that every certificate must carry; undefined = none may. */
    marker?: Hex;
    /** Whether TCB info, the identity of the quoting enclave and revocation lists must come with a quote. */
    needsCollateral: boolean;
}

/** Key of the Intel SGX Root CA, which signs for SGX and TDX alike; valid until the end of 2049. */
export const INTEL_DCAP: DcapProfile = {
    tier: "hardware",
    rootKey: bytesOf(
        "0ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f5" +
            "67918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394",
    ),
    needsCollateral: true,
};
