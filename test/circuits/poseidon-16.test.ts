import { FIELD_ORDER } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { BUILDS, type Circuit, compileInstance, field, forge } from "../support/circuit.ts";
import { poseidon16 } from "../support/poseidon.ts";

describe("Poseidon16", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    for (const build of BUILDS) {
        describe(`${build} build`, () => {
            let circuit: Circuit;

            before(async () => {
                circuit = await compileInstance({ file: "commit/poseidon-16.circom", call: "Poseidon16()", build });
            });

            it("costs 610 constraints", () => {
                expect(circuit.constraintCount).to.equal(610);
            });

            it("equals the definition on edges and at random", async () => {
                const judge = async (x: bigint[]): Promise<void> => {
                    const witness = await circuit.witness({ x });
                    expect(circuit.accepts(witness)).to.equal(true);
                    expect(witness.get("y")).to.equal(poseidon16(x));
                };

                for (const value of [0n, 1n, FIELD_ORDER - 1n]) await judge(new Array<bigint>(16).fill(value));
                const element = fc.bigInt({ min: 0n, max: FIELD_ORDER - 1n });
                await fc.assert(fc.asyncProperty(fc.array(element, { minLength: 16, maxLength: 16 }), judge), {
                    numRuns: 10,
                });
            });

            it("equals the published hash of 1 to 16", async () => {
                const witness = await circuit.witness({ x: Array.from({ length: 16 }, (_, i) => BigInt(i + 1)) });

                expect(witness.get("y")).to.equal(
                    9989051620750914585850546081941653841776809718687451684622678807385399211877n,
                );
            });

            it("refuses every forged wire", async () => {
                const honest = await circuit.witness({ x: Array.from({ length: 16 }, (_, i) => BigInt(i)) });

                for (const wire of circuit.wires) {
                    const value = field((honest.get(wire) ?? 0n) + 1n);
                    expect(circuit.accepts(forge(honest, { [wire]: value })), wire).to.equal(false);
                }
            });
        });
    }
});
