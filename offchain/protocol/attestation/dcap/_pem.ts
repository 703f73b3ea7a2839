import type { AttestationCode } from "../../errors/ProtocolError.ts";
import { AttestationFault } from "../_fault.ts";

/** Bounds the work; a platform's chain has three certificates of about 1.5 KB. */
const MAX_CHARACTERS = 65_536;

/**
 * Reads a row of PEM certificates into their DER; nothing but line ends may stand between them, and only zero bytes after
 * them, with which Intel's libraries end text. Ends with `code` at anything else.
 */
export function readPemChain({ text, code }: { text: string; code: AttestationCode }): Uint8Array[] {
    const block = /(?:\r?\n)*-----BEGIN CERTIFICATE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE-----(?:\r?\n)*/y;
    const end = text.length <= MAX_CHARACTERS ? withoutZeros(text).length : 0;
    const certificates: Uint8Array[] = [];
    while (block.lastIndex < end) {
        const position = block.lastIndex;
        const der = strictBytesOf((block.exec(text)?.[1] ?? "").replace(/\r?\n/g, ""));
        if (der === undefined) {
            throw new AttestationFault({ code, reason: `There is no PEM certificate at character ${position}.` });
        }
        certificates.push(der);
    }
    return certificates;
}

/** Bytes of base64 in its one form: padded, the bits after the last byte zero, so that a chain has one text; undefined = not that. */
function strictBytesOf(text: string): Uint8Array | undefined {
    if (text === "" || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
    const binary = atob(text);
    return btoa(binary) === text ? Uint8Array.from(binary, (character) => character.charCodeAt(0)) : undefined;
}

/** The text without the zeros at its end. A regular expression would look at a row of zeros once for each of them. */
export function withoutZeros(text: string): string {
    let end = text.length;
    while (end > 0 && text.charCodeAt(end - 1) === 0) end--;
    return text.slice(0, end);
}
