import { FIELD_ORDER } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { BUILDS, type Circuit, compileInstance, field, forge, signed, solutions } from "../support/circuit.ts";
import { expectRefused } from "./_expect.ts";
import { around, integers, relu } from "./_values.ts";

const FILE = "activation/relu.circom";

describe("Relu", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    it("costs M + 1 constraints", async () => {
        for (const m of [1, 8, 20]) {
            const { constraintCount } = await compileInstance({ file: FILE, call: `Relu(${m})` });

            expect(constraintCount).to.equal(m + 1);
        }
    });

    for (const build of BUILDS) {
        describe(`${build} build`, () => {
            let small: Circuit;
            let wide: Circuit;
            let widest: Circuit;

            before(async () => {
                small = await compileInstance({ file: FILE, call: "Relu(3)", build });
                wide = await compileInstance({ file: FILE, call: "Relu(20)", build });
                widest = await compileInstance({ file: FILE, call: "Relu(250)", build });
            });

            it("allows one y for every x of a small range, and none outside", () => {
                for (let x = -20n; x <= 20n; x++) {
                    const found = solutions({
                        circuit: small,
                        input: { x: field(x) },
                        candidates: { y: integers(-20n, 20n) },
                    });

                    expect(found.map((witness) => signed(witness.get("y") ?? 0n))).to.deep.equal(
                        x > -8n && x < 8n ? [relu(x)] : [],
                    );
                }
            });

            it("gives max(x, 0) on edges and at random", async () => {
                const judge = async (x: bigint): Promise<void> => {
                    if (x <= -(1n << 20n) || x >= 1n << 20n) return expectRefused(wide, { x: [x] });
                    const witness = await wide.witness({ x: [x] });
                    expect(wide.accepts(witness)).to.equal(true);
                    expect(witness.get("y")).to.equal(relu(x));
                };

                for (const x of [...around(0n), ...around(1n << 20n), ...around(-(1n << 20n))]) await judge(x);
                await fc.assert(fc.asyncProperty(fc.bigInt({ min: -(1n << 21n), max: 1n << 21n }), judge));
            });

            it("gives max(x, 0) at its widest, and refuses what comes after", async () => {
                const top = (1n << 250n) - 1n;
                for (const x of [top, -top, 0n, 1n, -1n]) {
                    const witness = await widest.witness({ x: [x] });
                    expect(widest.accepts(witness)).to.equal(true);
                    expect(witness.get("y")).to.equal(relu(x));
                }
                for (const x of [top + 1n, -top - 1n, FIELD_ORDER / 2n]) await expectRefused(widest, { x: [x] });
            });

            it("refuses 0 for a positive x, whatever the bits", async () => {
                const positive = await wide.witness({ x: [5n] });
                const negative = await wide.witness({ x: [-5n] });

                expect(wide.accepts(forge(positive, { y: 0n }))).to.equal(false);
                expect(wide.accepts(new Map([...negative, ["x", 5n]]))).to.equal(false);
            });

            it("refuses x itself for a negative x, whatever the bits", async () => {
                const positive = await wide.witness({ x: [5n] });
                const negative = await wide.witness({ x: [-5n] });

                expect(wide.accepts(forge(negative, { y: -5n }))).to.equal(false);
                expect(wide.accepts(forge(positive, { x: -5n, y: -5n }))).to.equal(false);
            });

            it("refuses any third value", async () => {
                const honest = await wide.witness({ x: [5n] });
                for (const y of [1n, 4n, 6n, -5n, (5n + FIELD_ORDER) / 2n]) {
                    expect(wide.accepts(forge(honest, { y }))).to.equal(false);
                }
            });

            it("refuses the sign of x + p, by which other circuits turn 5 into 0", async () => {
                const honest = await widest.witness({ x: [5n] });
                const alias = FIELD_ORDER - 5n; // |x| if x counted as negative
                const bits = Object.fromEntries(
                    Array.from({ length: 249 }, (_, i) => [`bit[${i}]`, (alias >> BigInt(i + 1)) & 1n]),
                );

                expect(widest.accepts(forge(honest, { y: 0n, ...bits }))).to.equal(false);
            });

            it("refuses every forged bit", async () => {
                const honest = await wide.witness({ x: [-12345n] });

                for (const wire of wide.wires.filter((name) => name.startsWith("bit"))) {
                    expect(wide.accepts(forge(honest, { [wire]: 1n - (honest.get(wire) ?? 0n) })), wire).to.equal(
                        false,
                    );
                    expect(wide.accepts(forge(honest, { [wire]: 2n })), wire).to.equal(false);
                }
            });
        });
    }
});
