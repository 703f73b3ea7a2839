import { bytesOf } from "./_bytes.ts";
import { AttestationFault } from "./_fault.ts";

/** The body stops at the first character that is none of base64, so that hostile text takes no longer than its length. */
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/g;

/** The certificates (DER) of a text with PEM blocks, in their order; what stands between the blocks is ignored. Fault: CollateralInvalid. */
export function pemCertificates(text: string): Uint8Array[] {
    return [...text.matchAll(PEM_CERTIFICATE)].map(([, body = ""]) => {
        const bytes = bytesOfBase64(body);
        if (bytes !== undefined) return bytes;
        throw new AttestationFault({ code: "CollateralInvalid", reason: "A PEM block is not base64." });
    });
}

/** Bytes of base64 with its padding, white space anywhere; undefined when the text is none. */
export function bytesOfBase64(text: string): Uint8Array | undefined {
    const plain = text.replaceAll(/\s/g, "");
    if (plain.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(plain)) return undefined;
    return Uint8Array.from(atob(plain), (character) => character.charCodeAt(0));
}

/** Bytes of hex with or without 0x, white space anywhere; undefined when the text is none. */
export function bytesOfHex(text: string): Uint8Array | undefined {
    const plain = text.replaceAll(/\s/g, "").replace(/^0x/i, "");
    return /^([0-9a-fA-F]{2})+$/.test(plain) ? bytesOf(plain) : undefined;
}
