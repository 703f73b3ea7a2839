import { FIELD_ORDER } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { BUILDS, type Circuit, compileInstance, field, forge, signed, solutions } from "../support/circuit.ts";
import { expectRefused } from "./_expect.ts";
import { around, integers } from "./_values.ts";

const FILE = "fixed-point/rescale.circom";
const { P, HALF } = { P: FIELD_ORDER, HALF: (FIELD_ORDER + 1n) / 2n };

describe("Rescale", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    it("costs N + 1 constraints", async () => {
        for (const [n, shift] of [
            [20, 4],
            [40, 16],
            [2, 1],
        ]) {
            const { constraintCount } = await compileInstance({ file: FILE, call: `Rescale(${n},${shift})` });

            expect(constraintCount).to.equal((n ?? 0) + 1);
        }
    });

    for (const build of BUILDS) {
        describe(`${build} build`, () => {
            let small: Circuit;
            let wide: Circuit;

            before(async () => {
                small = await compileInstance({ file: FILE, call: "Rescale(4,2)", build });
                wide = await compileInstance({ file: FILE, call: "Rescale(20,4)", build });
            });

            it("allows one y, the floor, for every x of a small range, and none outside", () => {
                for (let x = -40n; x <= 40n; x++) {
                    const found = solutions({
                        circuit: small,
                        input: { x: field(x) },
                        candidates: { y: integers(-24n, 24n) },
                    });
                    const isInside = x >= -16n && x < 16n;

                    expect(found.map((witness) => signed(witness.get("y") ?? 0n))).to.deep.equal(
                        isInside ? [x >> 2n] : [],
                    );
                }
            });

            it("gives the floor on edges and at random", async () => {
                const judge = async (x: bigint): Promise<void> => {
                    if (x < -(1n << 20n) || x >= 1n << 20n) return expectRefused(wide, { x: [x] });
                    const witness = await wide.witness({ x: [x] });
                    expect(wide.accepts(witness)).to.equal(true);
                    expect(signed(witness.get("y") ?? 0n)).to.equal(x >> 4n);
                };

                for (const x of [
                    ...around(0n),
                    ...around(16n),
                    ...around(1n << 20n),
                    ...around(-(1n << 20n)),
                    P - 1n,
                ]) {
                    await judge(signed(field(x)));
                }
                await fc.assert(fc.asyncProperty(fc.bigInt({ min: -(1n << 21n), max: 1n << 21n }), judge));
            });

            it("refuses another quotient, with the bits that belong to it", async () => {
                const honest = await wide.witness({ x: [1000n] });
                for (const x of [1016n, 984n, -1000n]) {
                    const other = await wide.witness({ x: [x] });

                    // every wire of the other witness, but for the old x
                    expect(wide.accepts(new Map([...other, ["x", 1000n]]))).to.equal(false);
                    expect(wide.accepts(forge(honest, { y: other.get("y") ?? 0n }))).to.equal(false);
                }
            });

            it("refuses a division in the field instead of the integers", async () => {
                // 1000 = 16 y with y = 1000 / 16 in the field: remainder 0, quotient out of range
                const sixteenth = HALF ** 4n % P;
                const honest = await wide.witness({ x: [1000n] });
                const low = Object.fromEntries(
                    wide.wires.filter((name) => name.startsWith("remainderBit")).map((name) => [name, 0n]),
                );

                expect(wide.accepts(forge(honest, { y: 1000n * sixteenth, ...low }))).to.equal(false);
            });

            it("refuses every forged bit", async () => {
                const honest = await wide.witness({ x: [-12345n] });

                for (const wire of wide.wires.filter((name) => name.includes("Bit"))) {
                    expect(wide.accepts(forge(honest, { [wire]: 1n - (honest.get(wire) ?? 0n) })), wire).to.equal(
                        false,
                    );
                    expect(wide.accepts(forge(honest, { [wire]: 2n })), wire).to.equal(false);
                }
            });
        });
    }
});
