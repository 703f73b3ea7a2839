import { concat } from "@assay/protocol";

/** One DER element: tag, length in its shortest form, content. */
export function der(tag: number, ...content: Uint8Array[]): Uint8Array {
    const bytes = concat(...content);
    return concat(Uint8Array.of(tag, ...derLength(bytes.length)), bytes);
}

/** SEQUENCE of elements. */
export function derSequence(...elements: Uint8Array[]): Uint8Array {
    return der(0x30, ...elements);
}

/** OBJECT IDENTIFIER of its dotted text; arcs may be wider than 53 bits, as those below 2.25 are. */
export function derOid(dotted: string): Uint8Array {
    const [first = 0n, second = 0n, ...rest] = dotted.split(".").map(BigInt);
    return der(0x06, ...[first * 40n + second, ...rest].map(base128));
}

/** Unsigned INTEGER of big-endian bytes; leading zeros are dropped and one is set where the sign bit needs it. */
export function derUnsigned(bigEndian: Uint8Array): Uint8Array {
    const start = bigEndian.findIndex((byte) => byte !== 0);
    const digits = start < 0 ? Uint8Array.of(0) : bigEndian.subarray(start);
    return der(0x02, (digits[0] ?? 0) < 0x80 ? digits : concat(Uint8Array.of(0), digits));
}

/** Unsigned INTEGER of a small number. */
export function derSmall(value: number): Uint8Array {
    return derUnsigned(Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value));
}

/** BIT STRING of whole bytes. */
export function derBits(bytes: Uint8Array): Uint8Array {
    return der(0x03, Uint8Array.of(0), bytes);
}

/** OCTET STRING. */
export function derOctets(bytes: Uint8Array): Uint8Array {
    return der(0x04, bytes);
}

/** UTF8String. */
export function derText(text: string): Uint8Array {
    return der(0x0c, new TextEncoder().encode(text));
}

/** UTCTime of unix seconds, for the years 1970 to 2049. */
export function derTime(unixSeconds: number): Uint8Array {
    const digits = new Date(unixSeconds * 1000).toISOString().replaceAll(/[^0-9]/g, "");
    return der(0x17, new TextEncoder().encode(`${digits.slice(2, 14)}Z`));
}

function derLength(length: number): number[] {
    if (length < 0x80) return [length];
    if (length < 0x100) return [0x81, length];
    return length < 0x10000
        ? [0x82, length >> 8, length & 0xff]
        : [0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
}

function base128(arc: bigint): Uint8Array {
    const digits = [Number(arc & 0x7fn)];
    for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) digits.unshift(Number(rest & 0x7fn) | 0x80);
    return Uint8Array.from(digits);
}
