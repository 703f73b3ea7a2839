import { expect } from "chai";
import { circuitFaults, templateFaults } from "../../scripts/checks/circuits.ts";
import { compileInstance } from "../support/circuit.ts";
import { CircomRefused } from "../support/compileCircom.ts";

/** Parameters for which a template would be unsound or senseless: refused when it is compiled. */
const BAD_PARAMETERS = [
    ["fixed-point/range-check.circom", "RangeCheck(0)"],
    ["fixed-point/range-check.circom", "RangeCheck(253)"],
    ["fixed-point/range-check-bound.circom", "RangeCheckBound(5,5)"],
    ["fixed-point/range-check-bound.circom", `RangeCheckBound(0,${(1n << 250n) + 1n})`],
    ["fixed-point/divide.circom", "Divide(0,4,0)"],
    ["fixed-point/divide.circom", "Divide(0,0,4)"],
    ["fixed-point/divide.circom", "Divide(0,125,126)"],
    ["fixed-point/divide.circom", `Divide(${-(1n << 247n)},4,4)`],
    ["fixed-point/square-root.circom", "SquareRoot(0)"],
    ["fixed-point/square-root.circom", "SquareRoot(125)"],
    ["fixed-point/rescale.circom", "Rescale(8,0)"],
    ["fixed-point/rescale.circom", "Rescale(8,8)"],
    ["fixed-point/rescale.circom", "Rescale(251,4)"],
    ["fixed-point/bits.circom", "Bits(0,1)"],
    ["fixed-point/bits.circom", "Bits(0,252)"],
    ["fixed-point/bits.circom", `Bits(${-(1n << 250n) - 1n},8)`],
    ["comparison/matches.circom", "Matches(0,0)"],
    ["comparison/matches.circom", "Matches(3,8)"],
    ["comparison/matches.circom", "Matches(3,-1)"],
    ["activation/relu.circom", "Relu(0)"],
    ["activation/relu.circom", "Relu(251)"],
    ["activation/relu-rescale.circom", "ReluRescale(8,8)"],
    ["activation/relu-rescale.circom", "ReluRescale(251,4)"],
    ["selection/arg-max.circom", "ArgMax(1,8)"],
    ["selection/arg-max.circom", "ArgMax(4,251)"],
    ["trees/thermometer.circom", "Thermometer(0,[0,1])"],
    ["trees/thermometer.circom", "Thermometer(2,[0,5,5,9])"],
    ["trees/thermometer.circom", `Thermometer(1,[0,1,${(1n << 249n) + 1n}])`],
    ["trees/float-thermometer.circom", "FloatThermometer(1,[8388607,2147483649,4286578689],1)"],
    ["trees/float-thermometer.circom", "FloatThermometer(1,[8388607,2147483648,4286578690],1)"],
    ["binding/pack-word.circom", "PackWord(32,1)"],
    ["binding/pack-word.circom", "PackWord(1,3)"],
    ["binding/pack-signed-word.circom", "PackSignedWord(4,8)"],
    ["binding/bind-words.circom", "BindWords(1)"],
    ["commit/commit-words.circom", "CommitWords(0)"],
] as const;

const SOUND = `pragma circom 2.2.3;
/// @title  Sample
/// @notice y is 0 or 1.
/// @param  N Anything.
/// @input  x Anything.
/// @output y A bit.
/// @constraints 1
/// @soundness None.
/// @example None.
template Sample(N) {
    assert(N > 0);
    signal input x;
    signal output y;
    y <-- x & 1; // bound by: the next line
    y * (y - 1) === 0;
}
`;

describe("circuits/lib", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    for (const [file, call] of BAD_PARAMETERS) {
        it(`refuses ${call} when it is compiled`, async () => {
            const error = await compileInstance({ file, call }).then(
                () => "compiled",
                (reason: unknown) => reason,
            );

            expect(error).to.be.instanceOf(CircomRefused);
        });
    }

    it("has no fault that the check command finds", () => {
        expect(circuitFaults()).to.deep.equal([]);
    });

    it("is checked for documentation, asserts on signals and unexplained hints", () => {
        const faultsOf = (from: string, to: string): string[] =>
            templateFaults({ file: "sample.circom", text: SOUND.replace(from, to) });

        expect(faultsOf("", "")).to.deep.equal([]);
        expect(faultsOf("/// @soundness None.\n", "")).to.deep.equal(["sample.circom: no @soundness"]);
        expect(faultsOf("/// @constraints 1\n", "")).to.deep.equal(["sample.circom: no @constraints"]);
        expect(faultsOf("/// @input  x", "/// @input  z")).to.deep.equal(["sample.circom: input x has no @input"]);
        expect(faultsOf("/// @param  N", "/// @param  M")).to.deep.equal(["sample.circom: parameter N has no @param"]);
        expect(faultsOf("pragma circom 2.2.3;", "pragma circom 2.0.0;")).to.deep.equal([
            'sample.circom: no "pragma circom 2.2.3;"',
        ]);
        expect(faultsOf("assert(N > 0)", "assert(N > x)")).to.deep.equal(["sample.circom:11: assert on x: use ==="]);
        expect(faultsOf(" // bound by: the next line", "")).to.deep.equal([
            "sample.circom:14: a hint without a comment naming the constraint that binds it",
        ]);
    });
});
