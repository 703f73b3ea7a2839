import { concat, hexToBytes, uintToHex } from "@assay/protocol";
import { p384 } from "@noble/curves/nist.js";
import type { SigningKey } from "../../../offchain/enclave/simulated/keys.ts";

/** Order of P-384. */
export const ORDER = p384.Point.Fn.ORDER;
const HALF_BYTES = 48;

/** r‖s of two numbers. */
export function signatureOf(r: bigint, s: bigint): Uint8Array {
    return concat(hexToBytes(uintToHex(r, HALF_BYTES)), hexToBytes(uintToHex(s, HALF_BYTES)));
}

/** The other signature that is as good: s becomes order - s. */
export function flipped(signature: Uint8Array): Uint8Array {
    const { r, s } = numbersOf(signature);
    return signatureOf(r, ORDER - s);
}

/** r and s of r‖s. */
export function numbersOf(signature: Uint8Array): { r: bigint; s: bigint } {
    const { r, s } = p384.Signature.fromBytes(signature);
    return { r, s };
}

/** The same key with every signature changed. */
export function signingAs(key: SigningKey, change: (signature: Uint8Array) => Uint8Array): SigningKey {
    return { ...key, sign: (message) => change(key.sign(message)) };
}

/** A key that signs with s in the upper or in the lower half only. */
export function withHalf(key: SigningKey, half: "high" | "low"): SigningKey {
    return signingAs(key, (signature) => {
        const isHigh = numbersOf(signature).s > ORDER / 2n;
        return isHigh === (half === "high") ? signature : flipped(signature);
    });
}
