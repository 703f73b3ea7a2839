import { FIELD_ORDER } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { BUILDS, type Circuit, compileInstance, field, forge, solutions, type Witness } from "../support/circuit.ts";
import { expectRefused } from "./_expect.ts";
import { around, integers } from "./_values.ts";

const FILE = "trees/thermometer.circom";
/** Least value, thresholds, one more than the greatest value. */
const SMALL = [-3n, -1n, 0n, 4n];
const WIDE = [-(1n << 20n), -1000n, -999n, 0n, 7n, 65536n, (1n << 20n) + 1n];

const callOf = (ladder: readonly bigint[]) => `Thermometer(${ladder.length - 2}, [${ladder.join(", ")}])`;
const reached = (ladder: readonly bigint[], x: bigint) =>
    ladder.slice(1, -1).map((threshold) => (x >= threshold ? 1n : 0n));
const bitsOf = (witness: Witness, count: number) => Array.from({ length: count }, (_, k) => witness.get(`c[${k}]`));

describe("Thermometer", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    it("costs one constraint for each threshold and twice the bits of the widest gap less 1", async () => {
        for (const [ladder, constraints] of [
            [[0n, 3n, 8n], 1 + 2 * 3],
            [[-9n, -4n, 0n, 1n, 40n], 3 + 2 * 6],
            [[0n, 1n, 2n], 1 + 2],
        ] as const) {
            const { constraintCount } = await compileInstance({ file: FILE, call: callOf(ladder) });

            expect(constraintCount).to.equal(constraints);
        }
    });

    for (const build of BUILDS) {
        describe(`${build} build`, () => {
            let small: Circuit;
            let wide: Circuit;

            before(async () => {
                small = await compileInstance({ file: FILE, call: callOf(SMALL), build });
                wide = await compileInstance({ file: FILE, call: callOf(WIDE), build });
            });

            it("allows one c for every x of a small range, and none outside", () => {
                for (let x = -12n; x <= 12n; x++) {
                    const found = solutions({
                        circuit: small,
                        input: { x: field(x) },
                        candidates: { "c[0]": integers(-1n, 2n), "c[1]": integers(-1n, 2n) },
                    });

                    expect(
                        found.map((witness) => bitsOf(witness, 2)),
                        `${x}`,
                    ).to.deep.equal(x >= -3n && x < 4n ? [reached(SMALL, x)] : []);
                }
            });

            it("says which thresholds are reached, on edges and at random", async () => {
                const judge = async (x: bigint): Promise<void> => {
                    if (x < (WIDE[0] ?? 0n) || x >= (WIDE.at(-1) ?? 0n)) return expectRefused(wide, { x: [x] });
                    const witness = await wide.witness({ x: [x] });
                    expect(wide.accepts(witness)).to.equal(true);
                    expect(bitsOf(witness, 5)).to.deep.equal(reached(WIDE, x));
                };

                for (const x of WIDE.flatMap(around)) await judge(x);
                await fc.assert(fc.asyncProperty(fc.bigInt({ min: -(1n << 21n), max: 1n << 21n }), judge));
            });

            it("refuses bits that are not monotone, whatever the distances", async () => {
                const honest = await wide.witness({ x: [3n] });
                const others = [
                    [0n, 1n, 1n, 0n, 0n],
                    [1n, 0n, 1n, 0n, 0n],
                    [0n, 0n, 0n, 0n, 1n],
                    [1n, 1n, 1n, 0n, 1n],
                ];

                for (const bits of others) {
                    const forged = forge(honest, Object.fromEntries(bits.map((bit, k) => [`c[${k}]`, bit])));
                    expect(wide.accepts(forged), bits.join()).to.equal(false);
                }
            });

            it("refuses a neighbouring gap with its own distances", async () => {
                for (const x of [-1n, 0n, 6n, 7n]) {
                    const honest = await wide.witness({ x: [x] });
                    for (const count of [0, 1, 2, 3, 4, 5]) {
                        if (count === reached(WIDE, x).filter((bit) => bit === 1n).length) continue;
                        const forged = forge(honest, climbed({ x, count }));
                        expect(wide.accepts(forged), `${x} as ${count}`).to.equal(false);
                    }
                }
            });

            it("refuses the bits of x + p and x - p, and values that are no bits", async () => {
                for (const { x, alias } of [
                    { x: 5n, alias: 5n + FIELD_ORDER },
                    { x: 4n, alias: 4n - FIELD_ORDER },
                ]) {
                    const bits = integers(0n, 18n).map((i) => [`aboveBit[${i}]`, (alias >> (i + 1n)) & 1n]);
                    const forged = forge(await wide.witness({ x: [x] }), Object.fromEntries(bits));
                    expect(wide.accepts(forged), `${alias}`).to.equal(false);
                }
                const honest = await wide.witness({ x: [5n] });
                for (const wire of wide.wires.filter((name) => name !== "x")) {
                    const value = honest.get(wire) ?? 0n;
                    for (const other of [1n - value, 2n, -1n, value + (FIELD_ORDER + 1n) / 2n]) {
                        expect(wide.accepts(forge(honest, { [wire]: other })), `${wire} = ${other}`).to.equal(false);
                    }
                }
            });

            it("refuses an x outside with any number of ones", async () => {
                const inside = await wide.witness({ x: [0n] });
                for (const x of [WIDE.at(-1) ?? 0n, (WIDE[0] ?? 0n) - 1n, FIELD_ORDER / 2n]) {
                    for (const count of [0, 1, 2, 3, 4, 5]) {
                        expect(wide.accepts(forge(inside, { x, ...climbed({ x, count }) }))).to.equal(false);
                    }
                }
            });
        });
    }
});

/** The wires of the wide instance if x lay in the gap above so many thresholds, distances modulo 2^21. */
function climbed({ x, count }: { x: bigint; count: number }): Record<string, bigint> {
    const [floor, ceiling] = [WIDE[count] ?? 0n, WIDE[count + 1] ?? 0n];
    const bits = (name: string, distance: bigint) =>
        integers(0n, 18n).map((i) => [`${name}[${i}]`, (BigInt.asUintN(20, distance) >> (i + 1n)) & 1n] as const);
    return Object.fromEntries([
        ...integers(0n, 4n).map((k) => [`c[${k}]`, k < BigInt(count) ? 1n : 0n] as const),
        ...bits("aboveBit", x - floor),
        ...bits("belowBit", ceiling - 1n - x),
    ]);
}
