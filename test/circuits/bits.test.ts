import { FIELD_ORDER } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { BUILDS, type Circuit, compileInstance, field, forge, solutions, type Witness } from "../support/circuit.ts";
import { expectRefused } from "./_expect.ts";
import { around } from "./_values.ts";

const FILE = "fixed-point/bits.circom";

/** What the bits of a witness say of x - min, without the lowest bit. */
function upperBits(witness: Witness, count: number): bigint {
    return Array.from({ length: count - 1 }, (_, index) => witness.get(`bit[${index}]`) ?? 0n).reduce(
        (sum, bit, index) => sum + (bit << BigInt(index + 1)),
        0n,
    );
}

describe("Bits", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    it("costs N constraints", async () => {
        for (const [min, n] of [
            [0, 2],
            [-8, 4],
            [-3, 20],
        ]) {
            const { constraintCount } = await compileInstance({ file: FILE, call: `Bits(${min},${n})` });

            expect(constraintCount).to.equal(n);
        }
    });

    for (const build of BUILDS) {
        describe(`${build} build`, () => {
            let small: Circuit;
            let wide: Circuit;
            let widest: Circuit;

            before(async () => {
                small = await compileInstance({ file: FILE, call: "Bits(-5,3)", build });
                wide = await compileInstance({ file: FILE, call: "Bits(-524288,20)", build });
                widest = await compileInstance({ file: FILE, call: `Bits(${-(1n << 250n)},251)`, build });
            });

            it("allows one set of bits for every x of a small range, and none outside", () => {
                for (let x = -20n; x <= 20n; x++) {
                    const found = solutions({ circuit: small, input: { x: field(x) } });
                    const distance = x + 5n;
                    const isInside = distance >= 0n && distance < 8n;

                    expect(found.map((witness) => upperBits(witness, 3))).to.deep.equal(
                        isInside ? [distance - (distance & 1n)] : [],
                    );
                }
            });

            it("gives the bits on edges and at random", async () => {
                const judge = async (x: bigint): Promise<void> => {
                    const distance = x + 524288n;
                    if (distance < 0n || distance >= 1n << 20n) return expectRefused(wide, { x: [x] });
                    const witness = await wide.witness({ x: [x] });
                    expect(wide.accepts(witness)).to.equal(true);
                    expect(upperBits(witness, 20)).to.equal(distance - (distance & 1n));
                };

                for (const x of [...around(0n), ...around(1n << 19n), ...around(-(1n << 19n))]) await judge(x);
                await fc.assert(fc.asyncProperty(fc.bigInt({ min: -(1n << 20n), max: 1n << 20n }), judge));
            });

            it("takes its widest range, and refuses what comes after", async () => {
                const [least, greatest] = [-(1n << 250n), (1n << 250n) - 1n];
                for (const x of [least, greatest, 0n, -1n]) {
                    expect(widest.accepts(await widest.witness({ x: [x] }))).to.equal(true);
                }
                for (const x of [least - 1n, greatest + 1n, FIELD_ORDER / 2n]) await expectRefused(widest, { x: [x] });
            });

            it("refuses the bits of x + p", async () => {
                const honest = await widest.witness({ x: [-(1n << 250n) + 5n] });
                const alias = FIELD_ORDER + 5n;
                const bits = Object.fromEntries(
                    Array.from({ length: 250 }, (_, i) => [`bit[${i}]`, (alias >> BigInt(i + 1)) & 1n]),
                );

                expect(widest.accepts(forge(honest, bits))).to.equal(false);
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

            it("refuses the bits of another x", async () => {
                const other = await wide.witness({ x: [1000n] });

                expect(wide.accepts(forge(other, { x: 1002n }))).to.equal(false);
                expect(wide.accepts(forge(other, { x: -1000n }))).to.equal(false);
            });
        });
    }
});
