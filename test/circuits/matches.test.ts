import { expect } from "chai";
import { BUILDS, type Circuit, compileInstance, field, forge } from "../support/circuit.ts";

const FILE = "comparison/matches.circom";

/** The lowest bits of a number. */
function bitsOf(value: number, count: number): bigint[] {
    return Array.from({ length: count }, (_, index) => BigInt((value >> index) & 1));
}

describe("Matches", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    it("costs 2 constraints", async () => {
        for (const call of ["Matches(1,0)", "Matches(5,16)", "Matches(40,0)"]) {
            const { constraintCount } = await compileInstance({ file: FILE, call });

            expect(constraintCount, call).to.equal(2);
        }
    });

    for (const build of BUILDS) {
        describe(`${build} build`, () => {
            const patterns = [0, 9, 16, 31];
            const circuits = new Map<number, Circuit>();

            before(async () => {
                for (const pattern of patterns) {
                    circuits.set(pattern, await compileInstance({ file: FILE, call: `Matches(5,${pattern})`, build }));
                }
            });

            it("gives 1 for the pattern and 0 for every other", async () => {
                for (const [pattern, circuit] of circuits) {
                    for (let value = 0; value < 32; value++) {
                        const witness = await circuit.witness({ x: bitsOf(value, 5) });

                        expect(circuit.accepts(witness)).to.equal(true);
                        expect(witness.get("y")).to.equal(value === pattern ? 1n : 0n);
                    }
                }
            });

            it("refuses every other y, whatever the inverse", async () => {
                for (const [pattern, circuit] of circuits) {
                    for (const value of [0, 9, 16, 31, 17]) {
                        const honest = await circuit.witness({ x: bitsOf(value, 5) });
                        const right = value === pattern ? 1n : 0n;
                        for (const y of [1n - right, 2n, -1n]) {
                            const reciprocal = honest.get("inverse") ?? 0n;
                            for (const inverse of [0n, 1n, reciprocal, field((1n - y) * reciprocal)]) {
                                const forged = forge(honest, { y: field(y), inverse });
                                expect(circuit.accepts(forged), `${value} for ${pattern}`).to.equal(false);
                            }
                        }
                    }
                }
            });
        });
    }
});
