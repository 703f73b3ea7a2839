/** Whether two byte strings are the same. Attestation evidence is public, so the time that it takes tells nobody anything. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
    return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Whether every byte is zero. */
export function isZero(bytes: Uint8Array): boolean {
    return bytes.every((byte) => byte === 0);
}

/** Text of bytes that are taken to be ASCII; any other byte becomes the character of its own number. */
export function asciiOf(bytes: Uint8Array): string {
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

const MAX_QUOTED = 64;

/** Text as it may stand in a message: cut, and with nothing in it that a terminal would obey. */
export function quoted(bytes: Uint8Array): string {
    const text = asciiOf(bytes.subarray(0, MAX_QUOTED)).replaceAll(/[^ -~]/g, "?");
    return `"${text}${bytes.length > MAX_QUOTED ? "…" : ""}"`;
}

/** Bytes of hex digits without a prefix, of which there is an even number. */
export function bytesOf(digits: string): Uint8Array {
    return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
