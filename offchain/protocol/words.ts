import { bytes32, hashWords, uint } from "./_abi.ts";
import { type Dtype, dtypeOf } from "./dtypes.ts";
import { ProtocolError } from "./errors/ProtocolError.ts";
import type { Hex } from "./hex.ts";
import { tag } from "./ids.ts";
import { decodeIoSpec, type IoSpec, type Side, sideBytes, sideDtype } from "./ioSpec.ts";

/** Order of the scalar field of bn254: public signals live below it. */
export const FIELD_ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/** A word holds whole elements in at most this many bytes, so that it lies below the field order. */
const WORD_BYTES = 31;
/** More public words than this are bound instead of packed. */
const MAX_PACKED_WORDS = 4;

/** Whole elements in one word. */
export function elementsPerWord(dtype: Dtype): number {
    return Math.floor(WORD_BYTES / dtype.size);
}

/** Public words of a side: none when it is committed. */
export function wordCount(side: Side): number {
    return side.committed ? 0 : Math.ceil(side.count / elementsPerWord(sideDtype(side)));
}

/** Whether the public words are bound by a commitment (more than 4) instead of being signals themselves. */
export function isBound(ioSpec: IoSpec): boolean {
    return wordCount(ioSpec.input) + wordCount(ioSpec.output) > MAX_PACKED_WORDS;
}

/** Public signals of a key for this ioSpec: every word and bind, or (c, e, r, bind); and one for each committed side. */
export function signalCount(ioSpec: IoSpec): number {
    const committed = [ioSpec.input, ioSpec.output].filter((side) => side.committed).length;
    if (isBound(ioSpec)) return 4 + committed;
    return wordCount(ioSpec.input) + wordCount(ioSpec.output) + committed + 1;
}

/**
 * Words of canonical tensor bytes. Element k of a word has weight 2^(8·size·(m−1−k)); signed types are in offset
 * binary (sign bit flipped). The last word is filled with elements of value 0 before the flip.
 *
 * @example
 * wordsOf({ dtype: "uint64", bytes: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1) }); // [1n << 128n]
 */
export function wordsOf({ dtype, bytes }: { dtype: number | string; bytes: Uint8Array }): bigint[] {
    const type = dtypeOf(dtype);
    if (!type.provable) throw new ProtocolError({ code: "DTYPE_UNKNOWN", message: `No words exist for ${type.name}.` });
    if (bytes.length % type.size !== 0) {
        throw new ProtocolError({
            code: "TENSOR_LENGTH",
            message: `${bytes.length} bytes are not whole ${type.name}s.`,
        });
    }
    const bytesPerWord = elementsPerWord(type) * type.size;
    const flip = type.signed ? signBits(type) : 0n;
    return Array.from({ length: Math.ceil(bytes.length / bytesPerWord) }, (_, i) => {
        const chunk = bytes.subarray(i * bytesPerWord, (i + 1) * bytesPerWord);
        return (bigEndian(chunk) << BigInt(8 * (bytesPerWord - chunk.length))) ^ flip;
    });
}

/** All public words of an inference: input words, then output words; a committed side has none. */
export function publicWords({
    ioSpec,
    input,
    output,
}: {
    ioSpec: IoSpec | bigint;
    input: Uint8Array;
    output: Uint8Array;
}): bigint[] {
    const spec = toSpec(ioSpec);
    return [...sideWords(spec.input, input, "input"), ...sideWords(spec.output, output, "output")];
}

/** The challenge of a bound model over its public words; fixed only after the commitment `c`. */
export function rOf({ vkHash, c, words }: { vkHash: Hex; c: bigint; words: readonly bigint[] }): bigint {
    const offsetOfWords = 4 * 32;
    const digest = hashWords(
        bytes32(tag("r")),
        bytes32(vkHash),
        uint(c),
        uint(offsetOfWords),
        uint(words.length),
        ...words.map((word) => uint(word)),
    );
    return BigInt(digest) % FIELD_ORDER;
}

/** e = Σ w_i·r^i mod p. */
export function eOf({ words, r }: { words: readonly bigint[]; r: bigint }): bigint {
    return words.reduceRight((sum, word) => (sum * r + word) % FIELD_ORDER, 0n);
}

/** What a proof's public signals are rebuilt from; only `c` comes with the proof. */
export interface SignalParts {
    ioSpec: IoSpec | bigint;
    vkHash: Hex;
    /** Canonical bytes; none of a committed side, which stay private. */
    input: Uint8Array;
    output: Uint8Array;
    bind: bigint;
    /** Commitment to the public words; packed models have none and ignore it. */
    c?: bigint | undefined;
    /** Hash of a committed input; ignored when the input is public. */
    inputHash?: Hex | undefined;
    /** Hash of a committed output; ignored when the output is public. */
    outputHash?: Hex | undefined;
}

/**
 * All public signals in the circuit's order; packed: [output words, input words, bind], bound: [c, e, r, bind]; the
 * hashes of committed sides stand in front of bind, the input's first. Throws SIGNALS_INVALID or TENSOR_LENGTH.
 */
export function publicSignals(parts: SignalParts): bigint[] {
    const spec = toSpec(parts.ioSpec);
    const input = sideWords(spec.input, parts.input, "input");
    const output = sideWords(spec.output, parts.output, "output");
    const tail = [...hashSignal(spec.input, parts.inputHash), ...hashSignal(spec.output, parts.outputHash), parts.bind];
    if (!isBound(spec)) return inField([...output, ...input, ...tail]);
    if (parts.c === undefined) throw new ProtocolError({ code: "SIGNALS_INVALID", message: "A bound model needs c." });
    const words = [...input, ...output];
    const r = rOf({ vkHash: parts.vkHash, c: parts.c, words });
    return inField([parts.c, eOf({ words, r }), r, ...tail]);
}

function sideWords(side: Side, bytes: Uint8Array, name: string): bigint[] {
    const expected = side.committed ? 0 : sideBytes(side);
    if (bytes.length !== expected) {
        const message = `The ${name} has ${bytes.length} bytes, the model takes ${expected}.`;
        throw new ProtocolError({ code: "TENSOR_LENGTH", message });
    }
    return wordsOf({ dtype: side.dtype, bytes });
}

function hashSignal(side: Side, hash: Hex | undefined): bigint[] {
    if (!side.committed) return [];
    if (hash !== undefined) return [BigInt(hash)];
    throw new ProtocolError({ code: "SIGNALS_INVALID", message: "The hash of a committed side is missing." });
}

function inField(signals: bigint[]): bigint[] {
    const index = signals.findIndex((signal) => signal < 0n || signal >= FIELD_ORDER);
    if (index === -1) return signals;
    throw new ProtocolError({ code: "SIGNALS_INVALID", message: `Signal ${index} is not below the field order.` });
}

function toSpec(ioSpec: IoSpec | bigint): IoSpec {
    return typeof ioSpec === "bigint" ? decodeIoSpec(ioSpec) : ioSpec;
}

/** One set bit on top of every element of a full word. */
function signBits(type: Dtype): bigint {
    const width = BigInt(8 * type.size);
    return Array.from({ length: elementsPerWord(type) }).reduce<bigint>(
        (mask) => (mask << width) | (1n << (width - 1n)),
        0n,
    );
}

function bigEndian(bytes: Uint8Array): bigint {
    return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
