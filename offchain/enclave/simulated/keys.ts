import { bytesToHex } from "@assay/protocol";
import { p256, p384 } from "@noble/curves/nist.js";
import { sha512 } from "@noble/hashes/sha2.js";

/**
 * What every key of the development stand-ins comes from. It is published on purpose, like Hardhat's accounts: a secret
 * development key would invite somebody to trust it.
 */
export const DEVELOPMENT_SEED = "assay development keys, public on purpose, do not trust";

/** The curve of a form: P-384 for Nitro, P-256 for TDX. */
export type KeyCurve = "P-384" | "P-256";

/** A key pair that signs; whoever has the name has the key. */
export interface SigningKey {
    curve: KeyCurve;
    /** x‖y. */
    publicKey: Uint8Array;
    /** r‖s over the hash that belongs to the curve (SHA-384, SHA-256), by RFC 6979; s as it comes, so that it may be high. */
    sign: (message: Uint8Array) => Uint8Array;
}

const CURVES = { "P-384": p384, "P-256": p256 };

/**
 * Key pair of a name: d = SHA-512("<seed>/<curve>/<name>"), as a big-endian number, mod (n − 1), plus 1.
 *
 * @example
 * developmentKey({ curve: "P-384", name: "nitro/root" }).publicKey.length; // 96
 */
export function developmentKey({ curve, name }: { curve: KeyCurve; name: string }): SigningKey {
    const { Point, getPublicKey, sign } = CURVES[curve];
    const wide = BigInt(bytesToHex(sha512(new TextEncoder().encode(`${DEVELOPMENT_SEED}/${curve}/${name}`))));
    const secretKey = Point.Fn.toBytes((wide % (Point.Fn.ORDER - 1n)) + 1n);
    return {
        curve,
        publicKey: getPublicKey(secretKey, false).subarray(1),
        sign: (message) => sign(message, secretKey, { lowS: false, prehash: true }),
    };
}
