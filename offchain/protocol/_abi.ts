import { ProtocolError } from "./errors/ProtocolError.ts";
import { concat, type Hex, hexToBytes, keccak256, toHex, uintToHex } from "./hex.ts";

/** An on-chain integer; `number` only for counts and chain ids below 2^53. */
export type Uint = bigint | number;

/** ABI word of an unsigned integer of at most `bits` bits. */
export function uint(value: Uint, bits = 256): Uint8Array {
    if (typeof value === "number" && !Number.isSafeInteger(value)) {
        throw new ProtocolError({ code: "VALUE_OUT_OF_RANGE", message: `${value} is not a safe integer.` });
    }
    const integer = BigInt(value);
    if (integer < 0n || integer >> BigInt(bits) !== 0n) {
        throw new ProtocolError({ code: "VALUE_OUT_OF_RANGE", message: `${integer} is not a uint${bits}.` });
    }
    return hexToBytes(uintToHex(integer));
}

/** ABI word of a bytes32. */
export function bytes32(value: Hex): Uint8Array {
    return hexToBytes(toHex(value, 32));
}

/** ABI word of an address. */
export function address(value: Hex): Uint8Array {
    return hexToBytes(`0x${"00".repeat(12)}${toHex(value, 20).slice(2)}`);
}

/** keccak256(abi.encode(…)) of static values, one word each. */
export function hashWords(...words: Uint8Array[]): Hex {
    return keccak256(concat(...words));
}
