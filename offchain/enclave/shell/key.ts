import { bytesToHex, type Hex, hexToBytes, keccak256 } from "@assay/protocol";
import { secp256k1 } from "@noble/curves/secp256k1.js";

/** An enclave's key as the rest of the program sees it: whatever it can be asked for, never the key itself. */
export type EnclaveKey = {
    /** Address of the key. */
    signer: Hex;
    /** 04 ‖ x ‖ y. */
    publicKey: Uint8Array;
    /** r‖s‖v over a digest, in the one form that contracts take: low s, v 27 or 28. Deterministic (RFC 6979). */
    sign: (digest: Hex) => Hex;
};

/** Makes a key, which lives in this closure until the process ends. */
export function createEnclaveKey(): EnclaveKey {
    const secretKey = secp256k1.utils.randomSecretKey();
    const publicKey = secp256k1.getPublicKey(secretKey, false);
    return {
        signer: `0x${keccak256(publicKey.subarray(1)).slice(26)}`,
        publicKey,
        sign: (digest) => {
            const options = { prehash: false, lowS: true, format: "recovered" } as const;
            const recovered = secp256k1.sign(hexToBytes(digest), secretKey, options);
            const [recovery = 0] = recovered;
            return bytesToHex(Uint8Array.of(...recovered.subarray(1), 27 + recovery));
        },
    };
}
