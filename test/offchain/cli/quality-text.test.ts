import { expect } from "chai";
import { outputValues } from "../../../offchain/cli/model/outputValues.ts";
import { qualityRows, warningsText } from "../../../offchain/cli/model/qualityText.ts";

describe("what is said of a compiled model", () => {
    it("holds both measures against what was asked, 1 % where nobody said", () => {
        const said = (measured: object) => qualityRows(aManifest(measured))[0]?.[1];

        expect(said({ top1Agreement: 0.995, meanAbsPctDiff: 0.31 })).to.equal(
            "same answer 99.5 %, mean difference 0.31 % of the range of scores (asked 1 %)",
        );
        expect(said({ top1Agreement: 0.98 })).to.contain("NOT REACHED");
        expect(said({ meanAbsPctDiff: 1.5 })).to.contain("NOT REACHED");
        expect(said({ top1Agreement: 0.98, meanAbsPctDiff: 1.5, accuracyPct: 2 })).not.to.contain("NOT REACHED");
    });

    it("names the real range of each input that was not seen in samples", () => {
        const said = (calibration: string) => qualityRows(aManifest({ calibration })).map((row) => row.join(": "));

        expect(said("given")).to.have.lengthOf(1);
        expect(said("none")[1]).to.contain("made-up inputs chose the ranges: x -4..3.5, y -1..1;");
        expect(said("input")[1]).to.contain("one input, widened four times");
    });

    it("lists notes, cut-off arguments and approximations, five lines at most", () => {
        const approximations = [1, 2, 3, 4, 5].map((index) => ({ node: `n${index}`, what: "a table", bound: "0.1" }));
        const saturations = [
            { tensor: "x/rounded/clamped", count: 3, of: 40 },
            { tensor: "relu6", count: 9, of: 40 },
            { tensor: "z/clamped", count: 0, of: 40 },
        ];

        expect(warningsText(aManifest({}))).to.equal("");
        expect(warningsText({ ...aManifest({ saturations }), approximations, notes: ["a note"] }).split("\n")).to.eql([
            ...["", "warnings", "  a note", "  beyond a range: x/rounded/clamped 3 of 40"],
            ...["  n1: a table (bound: 0.1)", "  n2: a table (bound: 0.1)", "  n3: a table (bound: 0.1)"],
            "  2 more in manifest.json",
        ]);
    });

    it("gives reals by a power of two, or by the model's own scale", () => {
        const output = { dtype: "int8", bits: 8, argmax: false, interval: { lo: -128n, hi: 127n }, shape: [1, 2] };
        const outputs = [
            { ...output, name: "a", scaleLog2: 1, zeroPoint: 1n },
            { ...output, name: "b", scaleLog2: 0, zeroPoint: 0n, quantisation: { scale: 0.25, zeroPoint: -1 } },
        ];

        expect(outputValues({ outputs }, Uint8Array.of(4, 0xff, 1, 0xff))).to.deep.equal({ a: [1.5, -1], b: [0.5, 0] });
    });
});

function aManifest(quantisation: object): Parameters<typeof qualityRows>[0] & Parameters<typeof warningsText>[0] {
    const input = { dtype: "int8", shape: [1], bits: 4, min: -8n, max: 7n, scaleLog2: 1, zeroPoint: 0n };
    const own = { min: -3n, max: 5n, quantisation: { scale: 0.25, zeroPoint: 1 } };
    return {
        quantisation: {
            ...{ bits: 8, inputBits: 8, operandBits: 8, calibration: "given", samples: 1 },
            ...{ activationScales: [], tableArguments: [], saturations: [] },
            ...{ top1Agreement: 1, maxAbsError: 0, meanAbsError: 0, meanAbsPctDiff: 0 },
            ...quantisation,
        },
        inputs: [
            { ...input, name: "x" },
            { ...input, ...own, name: "y" },
        ],
        approximations: [],
        notes: [],
    };
}
