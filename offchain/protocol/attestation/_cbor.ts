import { bytesToHex, type Hex } from "../hex.ts";
import { AttestationFault, requireThat } from "./_fault.ts";

/**
 * Reads the subset of CBOR that attestation documents use: unsigned integers, byte strings, texts, arrays, maps and null,
 * of definite length and in shortest form. Faults: CborTruncated, CborInvalid, CborNotMinimal, CborDuplicateKey, in the
 * order of contracts/libraries/Cbor.sol.
 */
export interface CborReader {
    readonly bytes: Uint8Array;
    position: number;
}

/** Major types, and null, which shares the one of floats and flags. */
export const CBOR = { uint: 0, bytes: 2, text: 3, array: 4, map: 5, null: 7 } as const;

/** Type and number of one item: a uint's value, a string's bytes, an array's items, a map's entries; null has 0. */
export interface CborHead {
    type: number;
    argument: number;
}

/** Of any map. */
export const MAX_MAP_ENTRIES = 32;
const MAX_DEPTH = 3;
const NULL = 0xf6;

/** The byte at the reader's position, which is not passed. */
export function peekByte({ bytes, position }: CborReader): number {
    const byte = bytes[position];
    if (byte !== undefined) return byte;
    throw new AttestationFault({ code: "CborTruncated", reason: `The payload ends where byte ${position} is needed.` });
}

/** Reads the head of the next item. A number of 2^53 or more loses its last bits, but never becomes smaller than that. */
export function readHead(reader: CborReader): CborHead {
    const start = reader.position;
    const first = peekByte(reader);
    const type = first >> 5;
    const additional = first & 31;
    const isKnown = first === NULL || (additional < 28 && type !== 1 && type < 6);
    requireThat(isKnown, "CborInvalid", `Byte ${start} of the payload starts an item of another kind: ${first}.`);
    reader.position = start + 1;
    const argument = first === NULL ? 0 : readArgument(reader, additional);
    const isSmall = type !== CBOR.map || argument <= MAX_MAP_ENTRIES;
    requireThat(isSmall, "CborInvalid", `The map at byte ${start} of the payload has ${argument} entries.`);
    return { type, argument };
}

/** Reads the content of a byte string or text whose head was read. */
export function readContent(reader: CborReader, length: number): Uint8Array {
    const start = reader.position;
    const isInside = length <= reader.bytes.length - start;
    requireThat(isInside, "CborTruncated", `A string of ${length} bytes at byte ${start} reaches beyond the payload.`);
    reader.position = start + length;
    return reader.bytes.subarray(start, reader.position);
}

/** Passes one item that nobody here understands, at this depth of nesting (the outer map's values: 2). */
export function skipItem(reader: CborReader, depth: number): void {
    const start = reader.position;
    const { type, argument } = readHead(reader);
    if (type === CBOR.bytes || type === CBOR.text) readContent(reader, argument);
    if (type !== CBOR.array && type !== CBOR.map) return;
    requireThat(depth <= MAX_DEPTH, "CborInvalid", `The item at byte ${start} of the payload is nested too deep.`);
    const keys = new Set<Hex>();
    for (let left = argument; left > 0; left--) {
        if (type === CBOR.map) skipKey(reader, keys);
        skipItem(reader, depth + 1);
    }
}

function skipKey(reader: CborReader, keys: Set<Hex>): void {
    const start = reader.position;
    const { type, argument } = readHead(reader);
    requireThat(
        type === CBOR.text || type === CBOR.uint,
        "CborInvalid",
        `The key at byte ${start} is no text or number.`,
    );
    if (type === CBOR.text) readContent(reader, argument);
    const key = bytesToHex(reader.bytes.subarray(start, reader.position));
    requireThat(!keys.has(key), "CborDuplicateKey", `The key at byte ${start} of the payload is there twice.`);
    keys.add(key);
}

function readArgument(reader: CborReader, additional: number): number {
    if (additional < 24) return additional;
    const start = reader.position;
    const argument = readContent(reader, 2 ** (additional - 24)).reduce((value, byte) => value * 256 + byte, 0);
    const least = additional === 24 ? 24 : 256 ** (2 ** (additional - 25));
    requireThat(argument >= least, "CborNotMinimal", `The number at byte ${start} of the payload could be shorter.`);
    return argument;
}
