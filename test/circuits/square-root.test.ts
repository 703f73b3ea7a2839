import { FIELD_ORDER } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { squareRootFloor } from "../../offchain/compiler/integer/bigMath.ts";
import { BUILDS, type Circuit, compileInstance, field, forge, solutions } from "../support/circuit.ts";
import { expectRefused } from "./_expect.ts";
import { integers } from "./_values.ts";

const FILE = "fixed-point/square-root.circom";

describe("SquareRoot", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    it("costs 2 K + 2 constraints", async () => {
        for (const bits of [1, 4, 12]) {
            const { constraintCount } = await compileInstance({ file: FILE, call: `SquareRoot(${bits})` });

            expect(constraintCount).to.equal(2 * bits + 2);
        }
    });

    for (const build of BUILDS) {
        describe(`${build} build`, () => {
            let small: Circuit;
            let wide: Circuit;

            before(async () => {
                small = await compileInstance({ file: FILE, call: "SquareRoot(2)", build });
                wide = await compileInstance({ file: FILE, call: "SquareRoot(12)", build });
            });

            it("allows one y, the root, for every x of a small range, and none below 0", () => {
                const half = (FIELD_ORDER + 1n) / 2n;
                // also the halves (s + p) / 2 of odd numbers: y = s / 2 in the field
                const halves = [1n, 3n, 5n, 7n].map((value) => field(value * half));
                for (let x = -10n; x < 16n; x++) {
                    const found = solutions({
                        circuit: small,
                        input: { x: field(x) },
                        candidates: { y: [...integers(-8n, 8n), ...halves] },
                    });

                    const roots = [...new Set(found.map((witness) => witness.get("y")))];
                    expect(roots, `${x}`).to.deep.equal(x >= 0n ? [squareRootFloor(x)] : []);
                    expect(found.length).to.equal(x >= 0n ? 1 : 0);
                }
            });

            it("gives the root on edges and at random", async () => {
                const judge = async (x: bigint): Promise<void> => {
                    const witness = await wide.witness({ x: [x] });
                    expect(wide.accepts(witness)).to.equal(true);
                    expect(witness.get("y")).to.equal(squareRootFloor(x));
                };

                for (const root of [1n, 2n, 1000n, 4095n]) {
                    for (const x of [root * root - 1n, root * root, root * root + 2n * root]) await judge(x);
                }
                await fc.assert(fc.asyncProperty(fc.bigInt({ min: 0n, max: (1n << 24n) - 1n }), judge));
            });

            it("refuses what is negative or too large", async () => {
                for (const x of [-1n, -(1n << 20n), 1n << 30n]) await expectRefused(wide, { x: [x] });
            });

            it("refuses another root, with the bits that belong to it", async () => {
                const honest = await wide.witness({ x: [1000n] });
                for (const x of [961n - 1n, 1024n, 31n * 31n]) {
                    const other = await wide.witness({ x: [x] });
                    const isOther = other.get("y") !== honest.get("y");

                    expect(wide.accepts(new Map([...other, ["x", 1000n]]))).to.equal(false);
                    if (isOther) {
                        expect(wide.accepts(forge(honest, { y: other.get("y") ?? 0n }))).to.equal(false);
                    }
                }
                expect(wide.accepts(forge(honest, { y: -(honest.get("y") ?? 0n) }))).to.equal(false);
            });

            it("refuses every forged bit", async () => {
                const honest = await wide.witness({ x: [123456n] });

                for (const wire of wide.wires.filter((name) => name.includes("Bit"))) {
                    const flipped = 1n - (honest.get(wire) ?? 0n);
                    expect(wide.accepts(forge(honest, { [wire]: flipped })), wire).to.equal(false);
                    expect(wide.accepts(forge(honest, { [wire]: 2n })), wire).to.equal(false);
                }
            });
        });
    }
});
