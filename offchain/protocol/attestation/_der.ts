import { bytesToHex } from "../hex.ts";
import { asciiOf, quoted, sameBytes } from "./_bytes.ts";
import { AttestationFault, requireThat } from "./_fault.ts";

/**
 * Reads DER front to back: single-byte tags, definite lengths in their shortest form of at most three bytes, every element
 * inside its parent and the last one exactly at its end. Anything else is DerInvalid, as in contracts/libraries/Der.sol.
 */
export interface DerReader {
    readonly bytes: Uint8Array;
    /** Where the next element starts. */
    position: number;
    /** Where the parent ends, exclusive. */
    readonly end: number;
}

/** Revocation lists may have more than 64 KB. Der.sol stops at two: certificates are shorter, so that both say DerInvalid. */
const MAX_LENGTH_BYTES = 3;

/** Tags that certificates, revocation lists and their extensions use. */
export const TAG = {
    boolean: 0x01,
    integer: 0x02,
    bitString: 0x03,
    octetString: 0x04,
    oid: 0x06,
    utcTime: 0x17,
    generalizedTime: 0x18,
    sequence: 0x30,
    set: 0x31,
    explicit0: 0xa0,
    explicit3: 0xa3,
} as const;

/** One element: its content, and the whole of it with its head. */
export interface DerElement {
    content: Uint8Array;
    whole: Uint8Array;
}

/** Starts reading bytes that hold a row of elements. */
export function derReader(bytes: Uint8Array): DerReader {
    return { bytes, position: 0, end: bytes.length };
}

/** Whether everything of the parent was read. */
export function derEnded(reader: DerReader): boolean {
    return reader.position === reader.end;
}

/** Ends the verification unless everything of the parent was read. */
export function requireDerEnd(reader: DerReader, what: string): void {
    requireThat(derEnded(reader), "DerInvalid", `${what} has bytes after its last element.`);
}

/** The tag of the next element; undefined at the end of the parent. */
export function peekTag(reader: DerReader): number | undefined {
    return derEnded(reader) ? undefined : reader.bytes[reader.position];
}

/** Reads the next element, which must have this tag. */
export function readElement(reader: DerReader, tag: number, what: string): DerElement {
    const start = reader.position;
    requireThat(peekTag(reader) === tag, "DerInvalid", `${what} at byte ${start} does not have tag 0x${hexByte(tag)}.`);
    const { length, contentStart } = readLength(reader, what);
    const contentEnd = contentStart + length;
    requireThat(contentEnd <= reader.end, "DerInvalid", `${what} at byte ${start} reaches beyond what holds it.`);
    reader.position = contentEnd;
    return {
        content: reader.bytes.subarray(contentStart, contentEnd),
        whole: reader.bytes.subarray(start, contentEnd),
    };
}

/** Reads the next element, which must have this tag, and returns a reader of its content. */
export function enter(reader: DerReader, tag: number, what: string): DerReader {
    return derReader(readElement(reader, tag, what).content);
}

/** Reads exactly these bytes. */
export function readExactly(reader: DerReader, wanted: Uint8Array, what: string): void {
    const end = reader.position + wanted.length;
    const found = reader.bytes.subarray(reader.position, Math.min(end, reader.end));
    requireThat(sameBytes(found, wanted), "DerInvalid", `${what} is ${bytesToHex(found)}, not ${bytesToHex(wanted)}.`);
    reader.position = end;
}

/** Reads an INTEGER that is minimal, not negative and of at most `bytes` bytes; returns its content bytes. */
export function readUnsigned(reader: DerReader, bytes: number, what: string): Uint8Array {
    const { content } = readElement(reader, TAG.integer, what);
    const [first = 0, second = 0] = content;
    const isPadded = content.length > 1 && first === 0;
    const isMinimal = content.length > 0 && (!isPadded || second >= 0x80);
    const isFitting = content.length <= (isPadded ? bytes + 1 : bytes);
    requireThat(
        isMinimal && first < 0x80 && isFitting,
        "DerInvalid",
        `${what} is not a minimal unsigned integer of at most ${bytes} bytes.`,
    );
    return content;
}

/** Reads the two numbers of an ECDSA signature, SEQUENCE { r, s }, into r‖s of `bytes` bytes each. */
export function readEcdsaSignature(reader: DerReader, bytes: number): Uint8Array {
    const pair = enter(reader, TAG.sequence, "The signature");
    const signature = new Uint8Array(2 * bytes);
    for (const end of [bytes, 2 * bytes]) {
        const number = readUnsigned(pair, bytes, "A number of the signature");
        const digits = number.length > bytes ? number.subarray(1) : number;
        signature.set(digits, end - digits.length);
    }
    requireDerEnd(pair, "The signature");
    return signature;
}

/** Reads a BIT STRING of whole bytes. */
export function readBitString(reader: DerReader, what: string): Uint8Array {
    const { content } = readElement(reader, TAG.bitString, what);
    requireThat(content[0] === 0, "DerInvalid", `${what} is not a bit string of whole bytes.`);
    return content.subarray(1);
}

/** Reads a UTCTime or GeneralizedTime in UTC and whole seconds, from 1970 on; unix seconds. */
export function readTime(reader: DerReader, what: string): number {
    const isShort = peekTag(reader) === TAG.utcTime;
    const { content } = readElement(reader, isShort ? TAG.utcTime : TAG.generalizedTime, what);
    const text = asciiOf(content);
    const century = isShort ? (text < "50" ? "20" : "19") : "";
    const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
        .exec(century + text)
        ?.slice(1)
        .map(Number);
    const seconds = parts === undefined ? undefined : unixSecondsOf(parts);
    if (seconds !== undefined) return seconds;
    throw new AttestationFault({ code: "DerInvalid", reason: `${what} is not a time: ${quoted(content)}.` });
}

function unixSecondsOf(parts: number[]): number | undefined {
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
    const milliseconds = Date.UTC(year, month - 1, day, hour, minute, second);
    const date = new Date(milliseconds);
    const isDay = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
    const isTime = hour < 24 && minute < 60 && second < 60;
    return year >= 1970 && isDay && isTime ? milliseconds / 1000 : undefined;
}

function readLength(reader: DerReader, what: string): { length: number; contentStart: number } {
    const start = reader.position + 1;
    const [first = 0x80, ...more] = reader.bytes.subarray(start, Math.min(start + 1 + MAX_LENGTH_BYTES, reader.end));
    if (first < 0x80) return { length: first, contentStart: start + 1 };
    const bytes = first - 0x80;
    const digits = more.slice(0, bytes);
    const length = digits.reduce((value, digit) => value * 256 + digit, 0);
    const isShortest = digits.length === bytes && length >= Math.max(0x80, 256 ** (bytes - 1));
    if (isShortest) return { length, contentStart: start + 1 + bytes };
    throw new AttestationFault({
        code: "DerInvalid",
        reason: `${what} at byte ${reader.position} has no definite length in shortest form.`,
    });
}

function hexByte(value: number): string {
    return value.toString(16).padStart(2, "0");
}
