import { readFileSync } from "node:fs";
import {
    DTYPES,
    decodeIntegers,
    dtypeOf,
    encodeTensor,
    eOf,
    FIELD_ORDER,
    integerRange,
    isBound,
    keccak256,
    publicSignals,
    publicWords,
    rOf,
    type Side,
    signalCount,
    tag,
    uintToHex,
    wordCount,
    wordsOf,
} from "@assay/protocol";
import { expect } from "chai";
import { AbiCoder, keccak256 as ethersKeccak } from "ethers";
import fc from "fast-check";
import { wordVectors } from "../../../scripts/vectors/words.ts";
import { expectError } from "./_expect.ts";

const vkHash = keccak256(Uint8Array.of(1));

function aSide(changes: Partial<Side> = {}): Side {
    return { dtype: 2, bits: 8, committed: false, count: 31, ...changes };
}

/** The definition of DESIGN section 4, element by element, in plain arithmetic. */
function wordsByDefinition(dtype: string, values: readonly bigint[]): bigint[] {
    const { size, signed } = dtypeOf(dtype);
    const m = Math.floor(31 / size);
    const offset = signed ? 1n << BigInt(8 * size - 1) : 0n;
    const words: bigint[] = [];
    for (let first = 0; first < values.length; first += m) {
        let word = 0n;
        // Elements that are missing from the last word have the value 0, which is `offset` once it is shifted.
        for (let k = 0; k < m; k++) {
            word += ((values[first + k] ?? 0n) + offset) << BigInt(8 * size * (m - 1 - k));
        }
        words.push(word);
    }
    return words;
}

describe("words", () => {
    it("are those of the golden vectors", () => {
        const golden: unknown = JSON.parse(readFileSync("test/vectors/words.json", "utf8"));

        expect(wordVectors()).to.deep.equal(golden);
    });

    for (const { name } of DTYPES.filter(({ provable, float }) => provable && !float)) {
        it(`of ${name} are elements at their weights, shifted to offset binary when signed`, () => {
            const { min, max } = name === "bool" ? { min: 0n, max: 1n } : integerRange({ dtype: name });
            fc.assert(
                fc.property(fc.array(fc.bigInt({ min, max }), { maxLength: 70 }), (values) => {
                    const bytes = encodeTensor({ dtype: name, values });
                    expect(wordsOf({ dtype: name, bytes })).to.deep.equal(wordsByDefinition(name, values));
                    expect(wordsOf({ dtype: dtypeOf(name).onnx, bytes }).every((word) => word < FIELD_ORDER)).to.equal(
                        true,
                    );
                }),
            );
        });
    }

    it("of float32 are its raw bits", () => {
        const bytes = encodeTensor({ dtype: "float32", values: [1, -2] });

        expect(wordsOf({ dtype: "float32", bytes })).to.deep.equal([BigInt("0x3f800000c0000000") << 160n]);
    });

    it("tell different tensors of one length apart", () => {
        const tensor = fc.uint8Array({ minLength: 40, maxLength: 40 });
        fc.assert(
            fc.property(tensor, tensor, (a, b) => {
                const same =
                    decodeIntegers({ dtype: "int8", bytes: a }).join() ===
                    decodeIntegers({ dtype: "int8", bytes: b }).join();
                const [wordsA, wordsB] = [wordsOf({ dtype: "int8", bytes: a }), wordsOf({ dtype: "int8", bytes: b })];
                expect(wordsA.join() === wordsB.join()).to.equal(same);
            }),
        );
    });

    it("do not exist for types that no circuit takes, nor for parts of elements", () => {
        expectError(() => wordsOf({ dtype: "float64", bytes: new Uint8Array(8) }), "DTYPE_UNKNOWN");
        expectError(() => wordsOf({ dtype: "int32", bytes: new Uint8Array(5) }), "TENSOR_LENGTH");
    });

    it("are counted by whole elements, none for a committed side", () => {
        expect(wordCount(aSide({ count: 31 }))).to.equal(1);
        expect(wordCount(aSide({ count: 32 }))).to.equal(2);
        expect(wordCount(aSide({ dtype: 7, bits: 8, count: 4 }))).to.equal(2);
        expect(wordCount(aSide({ count: 1000, committed: true }))).to.equal(0);
    });

    it("are packed up to four and bound from five on", () => {
        expect(isBound({ input: aSide({ count: 93 }), output: aSide({ count: 1 }) })).to.equal(false);
        expect(isBound({ input: aSide({ count: 94 }), output: aSide({ count: 1 }) })).to.equal(true);
        expect(isBound({ input: aSide({ count: 500, committed: true }), output: aSide() })).to.equal(false);
    });
});

describe("public signals", () => {
    const packed = { input: aSide({ count: 32 }), output: aSide({ count: 1 }) };
    const bound = { input: aSide({ count: 200 }), output: aSide({ count: 10 }) };
    const bytes = (side: Side) => Uint8Array.from({ length: side.count }, (_, i) => i % 256);
    const partsOf = (ioSpec: typeof packed) => ({
        ioSpec,
        vkHash,
        input: bytes(ioSpec.input),
        output: bytes(ioSpec.output),
        bind: 99n,
    });

    it("of a packed model are output words, input words, bind", () => {
        const parts = partsOf(packed);
        const [in0, in1, out] = publicWords(parts);

        expect(publicSignals(parts)).to.deep.equal([out, in0, in1, 99n]);
        expect(signalCount(packed)).to.equal(4);
    });

    it("of a bound model are c, e, r, bind", () => {
        const parts = { ...partsOf(bound), c: 7n };
        const words = publicWords(parts);
        const r = rOf({ vkHash, c: 7n, words });

        expect(publicSignals(parts)).to.deep.equal([7n, eOf({ words, r }), r, 99n]);
        expect(signalCount(bound)).to.equal(4);
    });

    it("take r from key, commitment and all words as the ABI encodes them", () => {
        const words = [1n, 2n, 3n, FIELD_ORDER - 1n, 0n];
        const encoded = AbiCoder.defaultAbiCoder().encode(
            ["bytes32", "bytes32", "uint256", "uint256[]"],
            [tag("r"), vkHash, 5n, words],
        );

        expect(rOf({ vkHash, c: 5n, words })).to.equal(BigInt(ethersKeccak(encoded)) % FIELD_ORDER);
    });

    it("take e as the polynomial of the words at r", () => {
        const field = fc.bigInt({ min: 0n, max: FIELD_ORDER - 1n });
        fc.assert(
            fc.property(fc.array(field, { maxLength: 20 }), field, (words, r) => {
                const sum = words.reduce((total, word, i) => total + word * r ** BigInt(i), 0n);
                expect(eOf({ words, r })).to.equal(sum % FIELD_ORDER);
            }),
        );
    });

    it("put commitments of committed sides in front of bind, input's first", () => {
        const parts = {
            ...partsOf({ input: aSide({ committed: true }), output: aSide({ count: 1, committed: true }) }),
            input: new Uint8Array(),
            output: new Uint8Array(),
            inputHash: uintToHex(11n),
            outputHash: uintToHex(12n),
        };

        expect(publicSignals(parts)).to.deep.equal([11n, 12n, 99n]);
        expect(signalCount(parts.ioSpec)).to.equal(3);
    });

    it("pack or bind the words of the public side beside a committed one", () => {
        const hidden = { input: new Uint8Array(), inputHash: uintToHex(11n) };
        const small = { ...partsOf({ input: aSide({ committed: true }), output: aSide({ count: 32 }) }), ...hidden };
        const large = {
            ...partsOf({ input: aSide({ committed: true }), output: aSide({ count: 200 }) }),
            ...hidden,
            c: 7n,
        };
        const r = rOf({ vkHash, c: 7n, words: publicWords(large) });

        expect(publicSignals(small)).to.deep.equal([...publicWords(small), 11n, 99n]);
        expect(publicSignals(large)).to.deep.equal([7n, eOf({ words: publicWords(large), r }), r, 11n, 99n]);
        expect([signalCount(small.ioSpec), signalCount(large.ioSpec)]).to.deep.equal([4, 5]);
    });

    it("refuse a committed side with bytes, without a hash, or with one out of the field", () => {
        const parts = {
            ...partsOf({ input: aSide({ committed: true }), output: aSide({ count: 1 }) }),
            input: new Uint8Array(),
        };

        expectError(() => publicSignals(parts), "SIGNALS_INVALID");
        expectError(() => publicSignals({ ...parts, inputHash: uintToHex(FIELD_ORDER) }), "SIGNALS_INVALID");
        expectError(
            () => publicSignals({ ...parts, inputHash: uintToHex(1n), input: bytes(aSide()) }),
            "TENSOR_LENGTH",
        );
    });

    it("refuse bytes of another length than the model takes", () => {
        expectError(() => publicSignals({ ...partsOf(packed), input: new Uint8Array(31) }), "TENSOR_LENGTH");
        expectError(() => publicSignals({ ...partsOf(packed), output: new Uint8Array(0) }), "TENSOR_LENGTH");
    });

    it("refuse a bound model without c, and anything outside the field", () => {
        expectError(() => publicSignals(partsOf(bound)), "SIGNALS_INVALID");
        expectError(() => publicSignals({ ...partsOf(bound), c: FIELD_ORDER }), "SIGNALS_INVALID");
        expectError(() => publicSignals({ ...partsOf(packed), bind: FIELD_ORDER }), "SIGNALS_INVALID");
        expectError(() => publicSignals({ ...partsOf(packed), bind: -1n }), "SIGNALS_INVALID");
    });
});
