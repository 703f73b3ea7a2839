import { keccak_256 } from "@noble/hashes/sha3.js";
import { hexToBytes as bytesOfPlainHex, concatBytes, bytesToHex as plainHexOf } from "@noble/hashes/utils.js";
import { ProtocolError } from "./errors/ProtocolError.ts";

/** Hashes, addresses and byte strings in domain types: 0x and an even number of digits. */
export type Hex = `0x${string}`;

/** 32 zero bytes: no configuration, no key, no parent, no context. */
export const ZERO_BYTES32: Hex = `0x${"00".repeat(32)}`;
/** The zero address: nobody, or the native token. */
export const ZERO_ADDRESS: Hex = `0x${"00".repeat(20)}`;

/** Whether a value is a hex string of whole bytes (of exactly `bytes` bytes, when given). */
export function isHex(value: unknown, bytes?: number): value is Hex {
    if (typeof value !== "string" || !/^0x(?:[0-9a-fA-F]{2})*$/.test(value)) return false;
    return bytes === undefined || value.length === 2 + 2 * bytes;
}

/**
 * Parses a hex string into its one form (lower case); throws HEX_INVALID.
 *
 * @example
 * toHex("0xABCD", 2); // "0xabcd"
 */
export function toHex(value: string, bytes?: number): Hex {
    const lower = value.toLowerCase();
    if (isHex(lower, bytes)) return lower;
    const wanted = bytes === undefined ? "whole bytes" : `${bytes} bytes`;
    throw new ProtocolError({ code: "HEX_INVALID", message: `Wanted ${wanted}, got "${value.slice(0, 80)}".` });
}

/** Writes bytes as hex. */
export function bytesToHex(bytes: Uint8Array): Hex {
    return `0x${plainHexOf(bytes)}`;
}

/** Reads the bytes of a hex string; throws HEX_INVALID. */
export function hexToBytes(hex: string): Uint8Array {
    return bytesOfPlainHex(toHex(hex).slice(2));
}

/**
 * Writes an unsigned integer as hex of `bytes` bytes (32 unless told); throws VALUE_OUT_OF_RANGE.
 *
 * @example
 * uintToHex(258n, 4); // "0x00000102"
 */
export function uintToHex(value: bigint, bytes = 32): Hex {
    if (value < 0n || value >> BigInt(8 * bytes) !== 0n) {
        throw new ProtocolError({
            code: "VALUE_OUT_OF_RANGE",
            message: `${value} is not an unsigned ${bytes}-byte integer.`,
        });
    }
    return `0x${value.toString(16).padStart(2 * bytes, "0")}`;
}

/** keccak256 of bytes. */
export function keccak256(bytes: Uint8Array): Hex {
    return bytesToHex(keccak_256(bytes));
}

/** keccak256 of a text as UTF-8. */
export function hashOfText(text: string): Hex {
    return keccak256(new TextEncoder().encode(text));
}

/** Concatenates byte strings. */
export function concat(...parts: Uint8Array[]): Uint8Array {
    return concatBytes(...parts);
}
