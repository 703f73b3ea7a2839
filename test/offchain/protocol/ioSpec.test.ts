import {
    DTYPES,
    decodeIoSpec,
    dtypeOf,
    encodeIoSpec,
    hasCommittedSide,
    isProvable,
    type Side,
    sideBytes,
} from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { expectError } from "./_expect.ts";

const sides: fc.Arbitrary<Side> = fc
    .record({
        type: fc.constantFrom(...DTYPES),
        bits: fc.integer({ min: 1, max: 64 }),
        committed: fc.boolean(),
        count: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    })
    .map(({ type, bits, ...rest }) => ({ ...rest, dtype: type.onnx, bits: 1 + (bits % (8 * type.size)) }));

function aSide(changes: Partial<Side> = {}): Side {
    return { dtype: 2, bits: 8, committed: false, count: 64, ...changes };
}

describe("ioSpec", () => {
    it("encodes and decodes every pair of sides", () => {
        fc.assert(
            fc.property(sides, sides, (input, output) => {
                expect(decodeIoSpec(encodeIoSpec({ input, output }))).to.deep.equal({ input, output });
            }),
        );
    });

    it("has its fields where DESIGN section 4 puts them", () => {
        const input = aSide({ dtype: 3, bits: 5, committed: true, count: 0x01020304 });
        const output = aSide({ dtype: 7, bits: 40, count: 10 });

        expect(encodeIoSpec({ input, output })).to.equal(BigInt("0x0000000a002807" + "01020304010503" + "01"));
    });

    it("refuses sides that do not exist", () => {
        const output = aSide();
        const bad: Partial<Side>[] = [{ bits: 0 }, { bits: 9 }, { count: 0 }, { count: 2 ** 32 }, { count: 1.5 }];
        for (const changes of bad)
            expectError(() => encodeIoSpec({ input: aSide(changes), output }), "IO_SPEC_INVALID");
        expectError(() => encodeIoSpec({ input: aSide({ dtype: 8 }), output }), "DTYPE_UNKNOWN");
    });

    it("refuses words that are not one", () => {
        const word = encodeIoSpec({ input: aSide(), output: aSide() });
        const bad = [0n, -1n, word + 1n, word | (1n << 120n), word | (1n << 255n), word | (2n << 24n)];
        for (const changed of bad) expectError(() => decodeIoSpec(changed), "IO_SPEC_INVALID");
    });

    it("knows the length of a side and whether words exist for it", () => {
        expect(sideBytes(aSide({ dtype: 7, bits: 64, count: 10 }))).to.equal(80);
        expect(isProvable({ input: aSide(), output: aSide() })).to.equal(true);
        expect(isProvable({ input: aSide(), output: aSide({ dtype: dtypeOf("float64").onnx }) })).to.equal(false);
        expect(isProvable({ input: aSide({ committed: true }), output: aSide() })).to.equal(true);
    });

    it("knows whether some side is committed", () => {
        expect(hasCommittedSide({ input: aSide(), output: aSide() })).to.equal(false);
        expect(hasCommittedSide({ input: aSide({ committed: true }), output: aSide() })).to.equal(true);
        expect(hasCommittedSide({ input: aSide(), output: aSide({ committed: true }) })).to.equal(true);
    });
});
