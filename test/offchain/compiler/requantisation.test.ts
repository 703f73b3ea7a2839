import { expect } from "chai";
import fc from "fast-check";
import {
    applyRequantisation,
    findRequantisation,
    isExactRequantisation,
    type RequantisedRange,
    requantise,
} from "../../../offchain/compiler/quantise/requantisation.ts";

/** Scales as onnxruntime has them: float32, powers of two among them. */
const scales = fc.oneof(
    fc.integer({ min: 0, max: 16 }).map((shift) => 2 ** -shift),
    fc.double({ min: 1e-5, max: 0.9, noNaN: true }).map(Math.fround),
);
const ranges = fc.record({
    scale: scales,
    lo: fc.integer({ min: -4000, max: 0 }),
    hi: fc.integer({ min: 1, max: 4000 }),
    zero: fc.integer({ min: 0, max: 255 }),
});

function found(range: RequantisedRange) {
    const fraction = findRequantisation(range);
    if (fraction === undefined) throw new Error(`no fraction for ${range.scale}`);
    return fraction;
}

describe("requantisation", () => {
    it("gives onnxruntime's level for every sum", () => {
        fc.assert(
            fc.property(ranges, ({ scale, lo, hi, zero }) => {
                const range = { scale, lo, hi, min: -zero, max: 255 - zero };
                const fraction = found(range);
                for (let sum = lo; sum <= hi; sum++) {
                    expect(applyRequantisation({ range, fraction, sum })).to.equal(requantise({ ...range, sum }));
                }
            }),
            { seed: 20261121, numRuns: 60 },
        );
    });

    it("is certified by its steps alone, whatever the width", () => {
        fc.assert(
            fc.property(scales, fc.integer({ min: 2, max: 2 ** 30 }), (scale, hi) => {
                const range = { scale: Math.fround(scale / 1000), lo: -hi, hi, min: -128, max: 127 };
                const fraction = findRequantisation(range);
                expect(fraction === undefined || isExactRequantisation({ range, fraction })).to.equal(true);
            }),
            { seed: 20261121, numRuns: 60 },
        );
    });

    it("refuses a certificate for another fraction", () => {
        const range = { scale: Math.fround(0.0123), lo: -20_000, hi: 20_000, min: -128, max: 127 };
        const fraction = found(range);

        expect(isExactRequantisation({ range, fraction })).to.equal(true);
        expect(
            isExactRequantisation({ range, fraction: { ...fraction, multiplier: fraction.multiplier + 1n } }),
        ).to.equal(false);
        expect(
            isExactRequantisation({ range, fraction: { ...fraction, exceptions: [{ sum: 5, delta: 1 }] } }),
        ).to.equal(false);
    });

    it("takes ties to even numbers only where there are ties", () => {
        const base = { lo: -1000, hi: 1000, min: -128, max: 127 };

        expect(found({ ...base, scale: 1 / 8 }).toEven).to.equal(true);
        expect(found({ ...base, scale: Math.fround(0.1237) }).toEven).to.equal(false);
    });

    it("names the sums that no line can follow", () => {
        const range = { scale: Math.fround(0.032838981598615646), lo: -173_216, hi: 32_932, min: -152, max: 103 };
        const fraction = found(range);

        expect(fraction.exceptions).to.have.length.above(0);
        for (let sum = range.lo; sum <= range.hi; sum++) {
            expect(applyRequantisation({ range, fraction, sum })).to.equal(requantise({ ...range, sum }));
        }
    });
});
