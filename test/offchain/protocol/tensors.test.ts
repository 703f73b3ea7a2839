import { bytesToHex, DTYPES, decodeIntegers, decodeTensor, encodeTensor, integerRange } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { expectError } from "./_expect.ts";

const integers = DTYPES.filter(({ float, name }) => !float && name !== "bool");

describe("canonical tensors", () => {
    it("are big-endian and two's complement", () => {
        expect(bytesToHex(encodeTensor({ dtype: "int16", values: [1n, -2n, -32768n] }))).to.equal("0x0001fffe8000");
        expect(bytesToHex(encodeTensor({ dtype: "uint8", values: [0, 255] }))).to.equal("0x00ff");
        expect(bytesToHex(encodeTensor({ dtype: "int64", values: [-1n] }))).to.equal("0xffffffffffffffff");
        expect(bytesToHex(encodeTensor({ dtype: "float32", values: [1, -0.5] }))).to.equal("0x3f800000bf000000");
        expect(bytesToHex(encodeTensor({ dtype: "float64", values: [1] }))).to.equal("0x3ff0000000000000");
    });

    for (const { name } of integers) {
        it(`read ${name} back over its whole range`, () => {
            const { min, max } = integerRange({ dtype: name });
            fc.assert(
                fc.property(fc.array(fc.bigInt({ min, max })), (values) => {
                    const bytes = encodeTensor({ dtype: name, values: [min, max, ...values] });
                    expect(decodeTensor({ dtype: name, bytes })).to.deep.equal([min, max, ...values]);
                    expect(decodeIntegers({ dtype: name, bytes })).to.deep.equal([min, max, ...values]);
                }),
            );
        });

        it(`refuse values outside ${name}`, () => {
            const { min, max } = integerRange({ dtype: name });
            for (const value of [min - 1n, max + 1n, 0.5, Number.NaN, 2 ** 53]) {
                if (typeof value === "number" && value === 2 ** 53 && max > 2n ** 53n) continue;
                expectError(() => encodeTensor({ dtype: name, values: [value] }), "TENSOR_VALUE");
            }
        });
    }

    it("read floats back, infinities and -0 included", () => {
        fc.assert(
            fc.property(fc.array(fc.double({ noNaN: true })), (values) => {
                const bytes = encodeTensor({ dtype: "float64", values });
                expect(decodeTensor({ dtype: "float64", bytes })).to.deep.equal(values);
            }),
        );
    });

    it("take and give the raw bits of floats", () => {
        const bits = [0n, 0x8000_0000n, 1n, 0x7f80_0000n, 0xff80_0000n, 0x3f80_0000n];
        const bytes = encodeTensor({ dtype: "float32", values: bits });

        expect(decodeIntegers({ dtype: "float32", bytes })).to.deep.equal(bits);
        expect(decodeTensor({ dtype: "float32", bytes })).to.deep.equal([0, -0, 2 ** -149, Infinity, -Infinity, 1]);
        for (const bad of [0x7f80_0001n, 0xffc0_0000n, -1n, 1n << 32n]) {
            expectError(() => encodeTensor({ dtype: "float32", values: [bad] }), "TENSOR_VALUE");
        }
    });

    it("have no encoding of NaN: it has many", () => {
        for (const dtype of ["float32", "float64"]) {
            expectError(() => encodeTensor({ dtype, values: [Number.NaN] }), "TENSOR_VALUE");
        }
    });

    it("take raw bits for 16-bit floats, and 0 or 1 for bool", () => {
        expect(bytesToHex(encodeTensor({ dtype: "bfloat16", values: [0x3f80] }))).to.equal("0x3f80");
        expect(bytesToHex(encodeTensor({ dtype: "bool", values: [1n, 0n] }))).to.equal("0x0100");
        expectError(() => encodeTensor({ dtype: "bool", values: [2n] }), "TENSOR_VALUE");
    });

    it("refuse bytes that are not whole elements, and unknown types", () => {
        expectError(() => decodeTensor({ dtype: "int32", bytes: new Uint8Array(6) }), "TENSOR_LENGTH");
        expectError(() => decodeTensor({ dtype: "string", bytes: new Uint8Array(6) }), "DTYPE_UNKNOWN");
    });

    it("read from a view into a larger buffer", () => {
        const bytes = Uint8Array.of(9, 9, 0, 5, 9).subarray(2, 4);

        expect(decodeTensor({ dtype: "uint16", bytes })).to.deep.equal([5n]);
    });

    it("know the range of so many bits", () => {
        expect(integerRange({ dtype: "int8", bits: 4 })).to.deep.equal({ min: -8n, max: 7n });
        expect(integerRange({ dtype: "uint8", bits: 4 })).to.deep.equal({ min: 0n, max: 15n });
    });
});
