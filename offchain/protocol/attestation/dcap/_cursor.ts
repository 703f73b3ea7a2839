import { requireThat } from "../_fault.ts";

/** Reads the little-endian fields of a quote front to back; reading beyond the end is QuoteInvalid. */
export interface Cursor {
    readonly bytes: Uint8Array;
    position: number;
}

/** Reads the next `count` bytes. */
export function take(cursor: Cursor, count: number, what: string): Uint8Array {
    const end = cursor.position + count;
    requireThat(end <= cursor.bytes.length, "QuoteInvalid", `${what} reaches beyond the end of the quote.`);
    const bytes = cursor.bytes.subarray(cursor.position, end);
    cursor.position = end;
    return bytes;
}

/** Reads an unsigned integer of 1 to 4 bytes, least significant first. */
export function takeUint(cursor: Cursor, bytes: number, what: string): number {
    return uintOf(take(cursor, bytes, what));
}

/** The unsigned integer that up to 4 bytes are, least significant first. */
export function uintOf(bytes: Uint8Array): number {
    return bytes.reduceRight((value, byte) => value * 256 + byte, 0);
}
