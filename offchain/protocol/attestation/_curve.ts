import { p256, p384 } from "@noble/curves/nist.js";
import { concat } from "../hex.ts";

/** The curve of a chain of certificates, always with the hash of its own size. */
export type CurveName = "P-256" | "P-384";

const CURVES = { "P-256": p256, "P-384": p384 };

/** Bytes of one coordinate, and of each half of a signature. */
export const COORDINATE_BYTES: Record<CurveName, number> = { "P-256": 32, "P-384": 48 };

/** Whether x‖y is a point of the curve with both coordinates below its prime; never the point at infinity. */
export function isPoint(curve: CurveName, key: Uint8Array): boolean {
    if (key.length !== 2 * COORDINATE_BYTES[curve]) return false;
    try {
        CURVES[curve].Point.fromBytes(uncompressed(key)).assertValidity();
        return true;
    } catch {
        return false;
    }
}

/**
 * Whether r‖s is an ECDSA signature of the SHA-256 (P-256) or SHA-384 (P-384) hash of the message.
 * Each half is from 1 to the order - 1; s may be in the upper half: vendors do not normalise, and rejecting such signatures refuses genuine documents.
 *
 * @param key x‖y, a point of the curve.
 */
export function isSignedBy(parts: {
    curve: CurveName;
    key: Uint8Array;
    message: Uint8Array;
    signature: Uint8Array;
}): boolean {
    const { curve, key, message, signature } = parts;
    if (signature.length !== 2 * COORDINATE_BYTES[curve]) return false;
    return CURVES[curve].verify(signature, message, uncompressed(key), { lowS: false, prehash: true });
}

function uncompressed(key: Uint8Array): Uint8Array {
    return concat(Uint8Array.of(4), key);
}
