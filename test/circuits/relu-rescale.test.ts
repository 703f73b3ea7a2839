import { FIELD_ORDER } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { BUILDS, type Circuit, compileInstance, field, forge, signed, solutions } from "../support/circuit.ts";
import { expectRefused } from "./_expect.ts";
import { around, integers, relu } from "./_values.ts";

const FILE = "activation/relu-rescale.circom";

describe("ReluRescale", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    it("costs M + 2 constraints", async () => {
        for (const [m, shift] of [
            [20, 4],
            [2, 1],
        ]) {
            const { constraintCount } = await compileInstance({ file: FILE, call: `ReluRescale(${m},${shift})` });

            expect(constraintCount).to.equal((m ?? 0) + 2);
        }
    });

    for (const build of BUILDS) {
        describe(`${build} build`, () => {
            let small: Circuit;
            let wide: Circuit;
            let widest: Circuit;

            before(async () => {
                small = await compileInstance({ file: FILE, call: "ReluRescale(4,2)", build });
                wide = await compileInstance({ file: FILE, call: "ReluRescale(20,4)", build });
                widest = await compileInstance({ file: FILE, call: "ReluRescale(250,1)", build });
            });

            it("allows one y for every x of a small range, and none outside", () => {
                for (let x = -40n; x <= 40n; x++) {
                    const found = solutions({
                        circuit: small,
                        input: { x: field(x) },
                        candidates: { y: integers(-12n, 12n) },
                    });

                    expect(found.map((witness) => signed(witness.get("y") ?? 0n))).to.deep.equal(
                        x >= -16n && x < 16n ? [relu(x >> 2n)] : [],
                    );
                }
            });

            it("gives max(floor(x / 16), 0) on edges and at random", async () => {
                const judge = async (x: bigint): Promise<void> => {
                    if (x < -(1n << 20n) || x >= 1n << 20n) return expectRefused(wide, { x: [x] });
                    const witness = await wide.witness({ x: [x] });
                    expect(wide.accepts(witness)).to.equal(true);
                    expect(witness.get("y")).to.equal(relu(x >> 4n));
                };

                for (const x of [0n, 16n, -16n, 1n << 20n, -(1n << 20n)].flatMap(around)) await judge(x);
                await fc.assert(fc.asyncProperty(fc.bigInt({ min: -(1n << 21n), max: 1n << 21n }), judge));
            });

            it("refuses a forged sign, alone and with the bits that would go with it", async () => {
                const positive = await wide.witness({ x: [1000n] });
                const negative = await wide.witness({ x: [-1000n] });

                expect(wide.accepts(forge(positive, { negative: 1n, y: 0n }))).to.equal(false);
                expect(wide.accepts(forge(negative, { negative: 0n }))).to.equal(false);
                expect(wide.accepts(new Map([...negative, ["x", 1000n]]))).to.equal(false);
                expect(wide.accepts(new Map([...positive, ["x", field(-1000n)]]))).to.equal(false);
                expect(wide.accepts(forge(positive, { negative: 2n }))).to.equal(false);
            });

            it("refuses the bits of x + 2^M - p at its widest", async () => {
                const honest = await widest.witness({ x: [1000n] });
                const alias = FIELD_ORDER + 1000n + (1n << 250n);
                const bits = Object.fromEntries(
                    Array.from({ length: 249 }, (_, i) => [`bit[${i}]`, (alias >> BigInt(i + 1)) & 1n]),
                );

                expect(widest.accepts(honest)).to.equal(true);
                expect(widest.accepts(forge(honest, { negative: 1n, y: 0n, ...bits }))).to.equal(false);
            });

            it("refuses another y", async () => {
                const honest = await wide.witness({ x: [1000n] });

                for (const y of [0n, 61n, 63n, -62n, 1000n]) {
                    expect(wide.accepts(forge(honest, { y }))).to.equal(false);
                }
            });

            it("refuses every forged bit", async () => {
                for (const x of [12345n, -12345n]) {
                    const honest = await wide.witness({ x: [x] });

                    for (const wire of wide.wires.filter((name) => name.startsWith("bit"))) {
                        const flipped = 1n - (honest.get(wire) ?? 0n);
                        expect(wide.accepts(forge(honest, { [wire]: flipped })), wire).to.equal(false);
                        expect(wide.accepts(forge(honest, { [wire]: 2n })), wire).to.equal(false);
                    }
                }
            });
        });
    }
});
