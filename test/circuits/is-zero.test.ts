import { FIELD_ORDER } from "@assay/protocol";
import { expect } from "chai";
import { BUILDS, type Circuit, compileInstance, field, forge } from "../support/circuit.ts";

const FILE = "comparison/is-zero.circom";

describe("IsZero", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    it("costs 2 constraints", async () => {
        const { constraintCount } = await compileInstance({ file: FILE, call: "IsZero()" });

        expect(constraintCount).to.equal(2);
    });

    for (const build of BUILDS) {
        describe(`${build} build`, () => {
            let circuit: Circuit;

            before(async () => {
                circuit = await compileInstance({ file: FILE, call: "IsZero()", build });
            });

            it("gives 1 for 0 and 0 for everything else", async () => {
                for (const x of [0n, 1n, -1n, 2n, 1n << 100n, FIELD_ORDER / 2n, FIELD_ORDER - 1n]) {
                    const witness = await circuit.witness({ x: [x] });

                    expect(circuit.accepts(witness)).to.equal(true);
                    expect(witness.get("y")).to.equal(x === 0n ? 1n : 0n);
                }
            });

            it("refuses 0 for 0, whatever the inverse", async () => {
                const honest = await circuit.witness({ x: [0n] });
                for (const inverse of [0n, 1n, -1n, 12345n]) {
                    expect(circuit.accepts(forge(honest, { y: 0n, inverse: field(inverse) }))).to.equal(false);
                }
            });

            it("refuses 1, or anything but 0, for another x, whatever the inverse", async () => {
                const honest = await circuit.witness({ x: [7n] });
                for (const y of [1n, 2n, -1n]) {
                    for (const inverse of [0n, 1n, honest.get("inverse") ?? 0n]) {
                        expect(circuit.accepts(forge(honest, { y: field(y), inverse }))).to.equal(false);
                    }
                    // the inverse that makes the first equation right
                    const seventh = honest.get("inverse") ?? 0n;
                    expect(
                        circuit.accepts(forge(honest, { y: field(y), inverse: field((1n - y) * seventh) })),
                    ).to.equal(false);
                }
            });
        });
    }
});
