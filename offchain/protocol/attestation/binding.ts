import { type EnclaveBinding, enclaveBindingHash } from "../enclave.ts";
import { bytesToHex, type Hex, hexToBytes, ZERO_BYTES32 } from "../hex.ts";
import type { AttestationKind } from "./verdict.ts";

/** How a SHA-256 multihash starts. */
const MULTIHASH = "0x1220";
/** nitriding: 12 20 ‖ sha256(TLS certificate) ‖ 12 20 ‖ application hash. */
const NITRIDING_BYTES = 68;
const REPORT_DATA_BYTES = 64;

/**
 * Whether a document with this user data was made for this binding, and for nothing else, as TeeRegistry decides it
 * (contracts/libraries/EnclaveBindings.sol): Nitro: 32 bytes, or nitriding's 68; elsewhere: 64 bytes, the last 32 zero.
 * It says nothing about the document itself: ask it of an accepted verdict's `kind` and `attestation.userData`.
 *
 * @example
 * const claims = { claimClass: 1, upstreamHash: ZERO_BYTES32, configHash: ZERO_BYTES32, binaryDigest: ZERO_BYTES32 };
 * const place = { chainId: 31337, registry: ZERO_ADDRESS, operator: ZERO_ADDRESS, signer: ZERO_ADDRESS };
 * const binding = { ...place, keyEpoch: 1, challenge: ZERO_BYTES32, deadline: 0, claims };
 * isBoundTo({ kind: "nitro", userData: enclaveBindingHash(binding), binding }); // true
 */
export function isBoundTo(document: { kind: AttestationKind; userData: Hex; binding: EnclaveBinding }): boolean {
    const { kind, userData, binding } = document;
    const bytes = hexToBytes(userData);
    const bindingHash = enclaveBindingHash(binding);
    const part = (start: number, end: number) => bytesToHex(bytes.subarray(start, end));
    if (kind !== "nitro") {
        return bytes.length === REPORT_DATA_BYTES && part(0, 32) === bindingHash && part(32, 64) === ZERO_BYTES32;
    }
    if (bytes.length !== NITRIDING_BYTES) return bytesToHex(bytes) === bindingHash;
    return part(0, 2) === MULTIHASH && part(34, 36) === MULTIHASH && part(36, 68) === bindingHash;
}
