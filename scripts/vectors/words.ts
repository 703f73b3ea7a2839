import {
    bytesToHex,
    DTYPES,
    type Dtype,
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

function signalVector(random: Random, ioSpec: IoSpec) {
    const bytesOf = (side: Side) => random.bytes(sideBytes(side));
    const [input, output] = [bytesOf(ioSpec.input), bytesOf(ioSpec.output)];
    const [vkHash, bind, commitment] = [random.hash(), random.word() >> 3n, random.word() >> 3n];
    const bound = isBound(ioSpec);
    const words = publicWords({ ioSpec, input, output });
    const c = bound ? commitment : undefined;
    const signals = publicSignals({ ioSpec, vkHash, input, output, bind, c });
    const r = c === undefined ? undefined : rOf({ vkHash, c, words });
    return {
        ioSpec: uintToHex(encodeIoSpec(ioSpec)),
        dtype: sideDtype(ioSpec.input).name,
        inputWords: wordCount(ioSpec.input),
        vkHash,
        input: bytesToHex(input),
        output: bytesToHex(output),
        bind: uintToHex(bind),
        ...(c === undefined || r === undefined
            ? {}
            : { c: uintToHex(c), r: uintToHex(r), e: uintToHex(eOf({ words, r })) }),
        words: words.map((word) => uintToHex(word)),
        signals: signals.map((signal) => uintToHex(signal)),
    };
}
