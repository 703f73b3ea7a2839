import {
    bytesToHex,
    commitmentOf,
    DTYPES,
    type Dtype,
    dtypeOf,
    encodeIoSpec,
    eOf,
    type IoSpec,
    integerRange,
    isBound,
    publicSignals,
    publicWords,
    rOf,
    type Side,
    sideBytes,
    sideDtype,
    uintToHex,
    wordCount,
    wordsOf,
} from "@assay/protocol";
import { createRandom, type Random } from "../../test/offchain/protocol/_random.ts";

/** Words of tensors, ioSpecs, and public signals on both sides of the limit between packed and bound. */
export function wordVectors() {
    const random = createRandom("words");
    const dtypes = DTYPES.filter(({ provable }) => provable);
    return {
        tensors: dtypes.flatMap((dtype) => tensorVectors(random, dtype)),
        signals: dtypes.flatMap((dtype) => signalVectors(random, dtype)),
        committed: committedVectors(random),
    };
}

/** Edge elements alone, then lengths around one and two full words. */
function tensorVectors(random: Random, dtype: Dtype) {
    const perWord = Math.floor(31 / dtype.size);
    const lengths = [1, perWord - 1, perWord, perWord + 1, 2 * perWord, 2 * perWord + 1].filter((n) => n > 0);
    const tensors = [edges(dtype), ...lengths.map((count) => random.bytes(count * dtype.size))];
    return tensors.map((bytes) => ({
        dtype: dtype.onnx,
        bytes: bytesToHex(bytes),
        words: wordsOf({ dtype: dtype.onnx, bytes }).map((word) => uintToHex(word)),
    }));
}

/** Smallest value, -1 or largest, 0, 1 and largest value, as canonical bytes. */
function edges({ onnx, size }: Dtype): Uint8Array {
    const { min, max } = integerRange({ dtype: onnx });
    const width = 8n * BigInt(size);
    const values = [min, min < 0n ? -1n : max, 0n, 1n, max].map((value) => BigInt.asUintN(Number(width), value));
    return Uint8Array.from(
        values.flatMap((value) =>
            Array.from({ length: size }, (_, i) => Number((value >> (width - 8n * BigInt(i + 1))) & 0xffn)),
        ),
    );
}

function signalVectors(random: Random, dtype: Dtype) {
    const perWord = Math.floor(31 / dtype.size);
    const output = { dtype: 7, bits: 20, committed: false, count: 1 };
    // One, two and three input words stay packed with the output's one; four make five words and are bound.
    return [1, 2 * perWord, 3 * perWord - 1, 3 * perWord + 1, 7 * perWord].map((count) => {
        const input = { dtype: dtype.onnx, bits: 8 * dtype.size, committed: false, count };
        return signalVector(random, { input, output });
    });
}

/** Committed sides beside public ones that are packed and bound, with what opens them. */
function committedVectors(random: Random) {
    const onnx = (name: string) => dtypeOf(name).onnx;
    const input = { dtype: onnx("int8"), bits: 8, committed: true, count: 40 };
    const few = { dtype: onnx("int64"), bits: 20, committed: false, count: 2 };
    const many = { dtype: onnx("uint16"), bits: 16, committed: false, count: 70 };
    const float = { dtype: onnx("float32"), bits: 32, committed: true, count: 120 };
    return [
        { input, output: few },
        { input, output: many },
        { input: few, output: { ...input, dtype: onnx("uint8") } },
        { input: many, output: { ...few, committed: true } },
        { input: float, output: { ...few, committed: true, count: 1 } },
    ].map((ioSpec) => signalVector(random, ioSpec));
}

function signalVector(random: Random, ioSpec: IoSpec) {
    const bytesOf = (side: Side) => random.bytes(sideBytes(side));
    const [input, output] = [bytesOf(ioSpec.input), bytesOf(ioSpec.output)];
    const [vkHash, bind, commitment] = [random.hash(), random.word() >> 3n, random.word() >> 3n];
    const bound = isBound(ioSpec);
    const given = hidden({ random, side: ioSpec.input, bytes: input });
    const answered = hidden({ random, side: ioSpec.output, bytes: output });
    const hashes = { inputHash: given.hash, outputHash: answered.hash };
    const shown = { input: given.shown, output: answered.shown };
    const words = publicWords({ ioSpec, ...shown });
    const c = bound ? commitment : undefined;
    const signals = publicSignals({ ioSpec, vkHash, ...shown, ...hashes, bind, c });
    const r = c === undefined ? undefined : rOf({ vkHash, c, words });
    return {
        ioSpec: uintToHex(encodeIoSpec(ioSpec)),
        dtype: sideDtype(ioSpec.input).name,
        inputWords: wordCount(ioSpec.input),
        vkHash,
        input: bytesToHex(input),
        output: bytesToHex(output),
        ...(given.salt === undefined ? {} : { inputSalt: given.salt, inputHash: given.hash }),
        ...(answered.salt === undefined ? {} : { outputSalt: answered.salt, outputHash: answered.hash }),
        bind: uintToHex(bind),
        ...(c === undefined || r === undefined
            ? {}
            : { c: uintToHex(c), r: uintToHex(r), e: uintToHex(eOf({ words, r })) }),
        words: words.map((word) => uintToHex(word)),
        signals: signals.map((signal) => uintToHex(signal)),
    };
}

/** What a committed side hides behind: its hash and salt, and no bytes. */
function hidden({ random, side, bytes }: { random: Random; side: Side; bytes: Uint8Array }) {
    if (!side.committed) return { shown: bytes, hash: undefined, salt: undefined };
    const salt = uintToHex(random.word() >> 3n);
    return { shown: new Uint8Array(), hash: commitmentOf({ side, opening: { bytes, salt } }), salt };
}
