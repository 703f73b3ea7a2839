import { FIELD_ORDER } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { BUILDS, type Circuit, compileInstance, field, forge, solutions } from "../support/circuit.ts";
import { expectRefused } from "./_expect.ts";

const FILE = "fixed-point/range-check.circom";

describe("RangeCheck", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    it("costs one constraint per bit", async () => {
        for (const bits of [1, 8, 252]) {
            const { constraintCount } = await compileInstance({ file: FILE, call: `RangeCheck(${bits})` });

            expect(constraintCount).to.equal(bits);
        }
    });

    for (const build of BUILDS) {
        describe(`${build} build`, () => {
            let small: Circuit;
            let byte: Circuit;
            let widest: Circuit;

            before(async () => {
                small = await compileInstance({ file: FILE, call: "RangeCheck(3)", build });
                byte = await compileInstance({ file: FILE, call: "RangeCheck(8)", build });
                widest = await compileInstance({ file: FILE, call: "RangeCheck(252)", build });
            });

            it("accepts every value of the range and has one witness for it", async () => {
                for (let x = 0n; x < 8n; x++) {
                    expect(small.accepts(await small.witness({ x: [x] }))).to.equal(true);
                    expect(solutions({ circuit: small, input: { x } })).to.have.length(1);
                }
            });

            it("has no witness at all just outside", () => {
                for (const x of [8n, 9n, 15n, 16n, -1n, -8n, FIELD_ORDER - 9n, FIELD_ORDER >> 1n]) {
                    expect(solutions({ circuit: small, input: { x: field(x) } })).to.have.length(0);
                }
            });

            it("refuses what is outside on the edges of 8 and 252 bits", async () => {
                for (const x of [256n, 257n, -1n, FIELD_ORDER - 1n, 1n << 252n]) await expectRefused(byte, { x: [x] });
                for (const x of [1n << 252n, (1n << 252n) + 1n, -1n]) await expectRefused(widest, { x: [x] });
                for (const x of [0n, 1n, 255n]) expect(byte.accepts(await byte.witness({ x: [x] }))).to.equal(true);
                const top = (1n << 252n) - 1n;
                expect(widest.accepts(await widest.witness({ x: [top] }))).to.equal(true);
            });

            it("tells in from out for any field element", async () => {
                await fc.assert(
                    fc.asyncProperty(fc.bigInt({ min: -300n, max: 300n }), async (x) => {
                        if (x >= 0n && x < 256n) expect(byte.accepts(await byte.witness({ x: [x] }))).to.equal(true);
                        else await expectRefused(byte, { x: [x] });
                    }),
                );
            });

            it("refuses a forged bit, flipped or not boolean", async () => {
                const honest = await byte.witness({ x: [0b1010_0101n] });
                for (const wire of byte.wires.filter((name) => name.startsWith("bit"))) {
                    const bit = honest.get(wire) ?? 0n;
                    expect(byte.accepts(forge(honest, { [wire]: 1n - bit }))).to.equal(false);
                }
                // 4 = 2 * 2: the value is right, the bit is not boolean
                expect(byte.accepts(forge(honest, { "bit[1]": 0n, "bit[0]": 2n }))).to.equal(false);
            });

            it("refuses the bits of x + p", async () => {
                const x = 5n;
                const alias = x + FIELD_ORDER;
                const honest = await widest.witness({ x: [x] });
                const bits = Object.fromEntries(
                    Array.from({ length: 251 }, (_, i) => [`bit[${i}]`, (alias >> BigInt(i + 1)) & 1n]),
                );

                expect(widest.accepts(forge(honest, bits))).to.equal(false);
            });
        });
    }
});
