import { type Dtype, dtypeOf } from "./dtypes.ts";
import { ProtocolError } from "./errors/ProtocolError.ts";

/** Input or output of a provable model version. */
export interface Side {
    /** ONNX number of the element type. */
    dtype: number;
    /** Significant bits of every element. */
    bits: number;
    /** Whether the bytes stay private and only a commitment is public. */
    committed: boolean;
    /** Number of elements, all tensors together. */
    count: number;
}

export interface IoSpec {
    input: Side;
    output: Side;
}

const ENCODING_VERSION = 1n;
const SIDE_BITS = 56n;

/**
 * Packs an ioSpec into its word; throws IO_SPEC_INVALID.
 *
 * @example
 * const pixels = { dtype: dtypeOf("uint8").onnx, bits: 5, committed: false, count: 64 };
 * const digit = { dtype: dtypeOf("int64").onnx, bits: 4, committed: false, count: 1 };
 * decodeIoSpec(encodeIoSpec({ input: pixels, output: digit })).input.count; // 64
 */
export function encodeIoSpec({ input, output }: IoSpec): bigint {
    return ENCODING_VERSION | (encodeSide(input, "input") << 8n) | (encodeSide(output, "output") << (8n + SIDE_BITS));
}

/** Takes an ioSpec word apart; throws IO_SPEC_INVALID. */
export function decodeIoSpec(word: bigint): IoSpec {
    if (word < 0n || BigInt.asUintN(8, word) !== ENCODING_VERSION) throw invalid("Unknown encoding version.");
    if (word >> (8n + 2n * SIDE_BITS) !== 0n) throw invalid("Bits above the output side are set.");
    return {
        input: decodeSide(word >> 8n, "input"),
        output: decodeSide(word >> (8n + SIDE_BITS), "output"),
    };
}

/** Whether a key can be registered for it: words exist for both sides. */
export function isProvable({ input, output }: IoSpec): boolean {
    return [input, output].every((side) => sideDtype(side).provable);
}

/** Whether some side is committed: that takes a circuit, so a version without a key cannot be of such an ioSpec. */
export function hasCommittedSide({ input, output }: IoSpec): boolean {
    return input.committed || output.committed;
}

/** Element type of a side. */
export function sideDtype(side: Side): Dtype {
    return dtypeOf(side.dtype);
}

/** Length of a side's canonical bytes. */
export function sideBytes(side: Side): number {
    return sideDtype(side).size * side.count;
}

function encodeSide(side: Side, name: string): bigint {
    checkSide(side, name);
    return (
        BigInt(side.dtype) |
        (BigInt(side.bits) << 8n) |
        ((side.committed ? 1n : 0n) << 16n) |
        (BigInt(side.count) << 24n)
    );
}

function decodeSide(word: bigint, name: string): Side {
    const mode = Number(BigInt.asUintN(8, word >> 16n));
    if (mode > 1) throw invalid(`The mode of the ${name} is ${mode}, not 0 or 1.`);
    const side = {
        dtype: Number(BigInt.asUintN(8, word)),
        bits: Number(BigInt.asUintN(8, word >> 8n)),
        committed: mode === 1,
        count: Number(BigInt.asUintN(32, word >> 24n)),
    };
    checkSide(side, name);
    return side;
}

function checkSide({ dtype, bits, count }: Side, name: string): void {
    const { size } = dtypeOf(dtype);
    if (!Number.isInteger(bits) || bits < 1 || bits > 8 * size) {
        throw invalid(`The ${name} has ${bits} significant bits of ${8 * size}.`);
    }
    if (!Number.isInteger(count) || count < 1 || count >= 2 ** 32) throw invalid(`The ${name} has ${count} elements.`);
}

function invalid(message: string): ProtocolError {
    return new ProtocolError({ code: "IO_SPEC_INVALID", message });
}
