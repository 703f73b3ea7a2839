import { concat } from "@assay/protocol";
import { sha256 } from "@noble/hashes/sha2.js";
import { extension } from "./certificate.ts";
import { der, derOctets, derOid, derSequence } from "./derWriter.ts";

/** subjectKeyIdentifier of a key (x‖y). */
export function subjectKeyId(publicKey: Uint8Array): Uint8Array {
    return extension({ oid: derOid("2.5.29.14"), value: derOctets(keyId(publicKey)) });
}

/** authorityKeyIdentifier of an issuer's key (x‖y). */
export function authorityKeyId(publicKey: Uint8Array): Uint8Array {
    return extension({ oid: derOid("2.5.29.35"), value: derSequence(der(0x80, keyId(publicKey))) });
}

/** RFC 7093 method 1: the first 160 bits of the SHA-256 of the point. */
function keyId(publicKey: Uint8Array): Uint8Array {
    return sha256(concat(Uint8Array.of(4), publicKey)).subarray(0, 20);
}
