import { concat } from "@assay/protocol";

/** Null, as absent fields of an attestation document are written. */
export const CBOR_NULL = Uint8Array.of(0xf6);

/** Head of one item: major type and argument in the shortest form, or in `bytes` bytes (0, 1, 2, 4, 8) to write a wrong one. */
export function cborHead(major: number, argument: number, bytes = shortest(argument)): Uint8Array {
    if (bytes === 0) return Uint8Array.of((major << 5) | argument);
    const digits = argument.toString(16).padStart(2 * bytes, "0");
    const additional = 24 + Math.log2(bytes);
    return concat(Uint8Array.of((major << 5) | additional), Uint8Array.from(digits.match(/../g) ?? [], hexPair));
}

/** Unsigned integer below 2^53. */
export function cborUint(value: number): Uint8Array {
    return cborHead(0, value);
}

/** Byte string. */
export function cborBytes(bytes: Uint8Array): Uint8Array {
    return concat(cborHead(2, bytes.length), bytes);
}

/** Byte string, or null when there is none. */
export function cborOptionalBytes(bytes: Uint8Array | undefined): Uint8Array {
    return bytes === undefined ? CBOR_NULL : cborBytes(bytes);
}

/** Text string. */
export function cborText(text: string): Uint8Array {
    const bytes = new TextEncoder().encode(text);
    return concat(cborHead(3, bytes.length), bytes);
}

/** Array of written items. */
export function cborArray(items: readonly Uint8Array[]): Uint8Array {
    return concat(cborHead(4, items.length), ...items);
}

/** Map of written keys and values, in the order given and with whatever is in it twice. */
export function cborMap(
    entries: readonly (readonly [Uint8Array, Uint8Array])[],
    { indefinite = false }: { indefinite?: boolean } = {},
): Uint8Array {
    const items = entries.flat();
    return indefinite
        ? concat(Uint8Array.of(0xbf), ...items, Uint8Array.of(0xff))
        : concat(cborHead(5, entries.length), ...items);
}

function shortest(argument: number): number {
    if (argument < 24) return 0;
    return [1, 2, 4].find((bytes) => argument < 2 ** (8 * bytes)) ?? 8;
}

function hexPair(pair: string): number {
    return Number.parseInt(pair, 16);
}
