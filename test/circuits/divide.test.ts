import { expect } from "chai";
import fc from "fast-check";
import { floorDivide } from "../../offchain/compiler/integer/bigMath.ts";
import { BUILDS, type Circuit, compileInstance, field, forge, signed, solutions } from "../support/circuit.ts";
import { expectRefused } from "./_expect.ts";
import { integers } from "./_values.ts";

const FILE = "fixed-point/divide.circom";

describe("Divide", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    it("costs Q + 2 B + 1 constraints", async () => {
        for (const [min, q, b] of [
            [0, 4, 3],
            [-8, 5, 6],
            [0, 1, 1],
        ]) {
            const { constraintCount } = await compileInstance({ file: FILE, call: `Divide(${min},${q},${b})` });

            expect(constraintCount).to.equal((q ?? 0) + 2 * (b ?? 0) + 1);
        }
    });

    for (const build of BUILDS) {
        describe(`${build} build`, () => {
            let small: Circuit;
            let wide: Circuit;

            before(async () => {
                small = await compileInstance({ file: FILE, call: "Divide(-2,2,2)", build });
                wide = await compileInstance({ file: FILE, call: "Divide(-1024,11,12)", build });
            });

            it("allows one q, the floor, for every pair of a small range, and none outside", () => {
                for (let a = -10n; a <= 10n; a++) {
                    for (let b = -3n; b <= 7n; b++) {
                        const found = solutions({
                            circuit: small,
                            input: { a: field(a), b: field(b) },
                            candidates: { q: integers(-6n, 6n) },
                        });
                        const floor = b > 0n ? floorDivide(a, b) : undefined;
                        const isInside = floor !== undefined && floor >= -2n && floor < 2n;

                        const quotients = found.map((witness) => signed(witness.get("q") ?? 0n));
                        const isServed = isInside && (b <= 4n || quotients.length > 0);
                        expect(quotients, `${a} / ${b}`).to.deep.equal(isServed ? [floor] : []);
                    }
                }
            });

            it("gives the floor on edges and at random", async () => {
                const judge = async (a: bigint, b: bigint): Promise<void> => {
                    const floor = floorDivide(a, b);
                    if (floor < -1024n || floor >= 1024n) return expectRefused(wide, { a: [a], b: [b] });
                    const witness = await wide.witness({ a: [a], b: [b] });
                    expect(wide.accepts(witness)).to.equal(true);
                    expect(signed(witness.get("q") ?? 0n)).to.equal(floor);
                };

                for (const b of [1n, 2n, 3n, 4095n, 4096n]) {
                    for (const q of [-1025n, -1024n, -1n, 0n, 1n, 1023n, 1024n]) {
                        await judge(q * b, b);
                        await judge(q * b + b - 1n, b);
                    }
                }
                await fc.assert(
                    fc.asyncProperty(
                        fc.bigInt({ min: -(1n << 20n), max: 1n << 20n }),
                        fc.bigInt({ min: 1n, max: 1n << 12n }),
                        judge,
                    ),
                );
            });

            it("refuses a divisor of 0 or below", async () => {
                for (const b of [0n, -1n, -5n]) await expectRefused(wide, { a: [10n], b: [b] });
            });

            it("refuses another quotient, with the bits that belong to it", async () => {
                const honest = await wide.witness({ a: [1000n], b: [7n] });
                for (const a of [993n, 1007n, -1000n]) {
                    const other = await wide.witness({ a: [a], b: [7n] });

                    expect(wide.accepts(new Map([...other, ["a", 1000n]]))).to.equal(false);
                    expect(wide.accepts(forge(honest, { q: other.get("q") ?? 0n }))).to.equal(false);
                }
            });

            it("refuses a quotient that leaves a remainder below 0 or from b up", async () => {
                const honest = await wide.witness({ a: [1000n], b: [7n] });
                const bitsOf = (prefix: string, value: bigint): Record<string, bigint> =>
                    Object.fromEntries(
                        wide.wires
                            .filter((name) => name.startsWith(prefix))
                            .map((name, index) => [name, (value >> BigInt(index)) & 1n]),
                    );
                // 1000 = 141 * 7 + 13 = 143 * 7 - 1
                const tooLow = { ...bitsOf("remainderBit", 13n), ...bitsOf("quotientBit", (141n + 1024n) >> 1n) };
                const tooHigh = { ...bitsOf("remainderBit", 0n), ...bitsOf("quotientBit", (143n + 1024n) >> 1n) };

                expect(wide.accepts(forge(honest, { q: 141n, ...tooLow }))).to.equal(false);
                expect(wide.accepts(forge(honest, { q: 143n, ...tooHigh }))).to.equal(false);
            });

            it("refuses a division in the field instead of the integers", async () => {
                const honest = await wide.witness({ a: [1000n], b: [2n] });
                const half = field(-1n) / 2n + 1n; // 1 / 2 in the field: 1001 / 2 with remainder 0
                const cleared = Object.fromEntries(
                    wide.wires.filter((name) => name.startsWith("remainderBit")).map((name) => [name, 0n]),
                );

                expect(wide.accepts(forge(honest, { a: 1001n, q: 1001n * half, ...cleared }))).to.equal(false);
            });

            it("refuses every forged bit", async () => {
                const honest = await wide.witness({ a: [-12345n], b: [97n] });

                for (const wire of wide.wires.filter((name) => name.includes("Bit"))) {
                    const flipped = 1n - (honest.get(wire) ?? 0n);
                    expect(wide.accepts(forge(honest, { [wire]: flipped })), wire).to.equal(false);
                    expect(wide.accepts(forge(honest, { [wire]: 2n })), wire).to.equal(false);
                }
            });
        });
    }
});
