import { FIELD_ORDER } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { BUILDS, compileInstance, field, forge, solutions } from "../support/circuit.ts";
import { expectRefused } from "./_expect.ts";

const FILE = "fixed-point/range-check-bound.circom";
/** Spans with no zero, one run, several runs, a single bit; signed ones too. The count is W + Z + P of the template. */
const SMALL = [
    { min: 0n, max: 1n, constraints: 1 },
    { min: 0n, max: 15n, constraints: 4 },
    { min: 0n, max: 16n, constraints: 6 },
    { min: 0n, max: 9n, constraints: 5 },
    { min: -3n, max: 7n, constraints: 7 },
    { min: -1n, max: 1n, constraints: 3 },
    { min: 3n, max: 24n, constraints: 8 },
    { min: -8n, max: 5n, constraints: 6 },
];

describe("RangeCheckBound", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    for (const build of BUILDS) {
        describe(`${build} build`, () => {
            for (const { min, max, constraints } of SMALL) {
                it(`holds exactly on [${min}, ${max}], with one witness and ${constraints} constraints`, async () => {
                    const circuit = await compileInstance({
                        file: FILE,
                        call: `RangeCheckBound(${min},${max})`,
                        build,
                    });

                    expect(circuit.constraintCount).to.equal(constraints);
                    for (let x = min - 40n; x <= max + 40n; x++) {
                        const found = solutions({ circuit, input: { x: field(x) } });

                        expect(found, `x = ${x}`).to.have.length(x >= min && x <= max ? 1 : 0);
                    }
                });
            }

            it("tells bytes from the rest, signed and unsigned", async () => {
                for (const { min, max } of [
                    { min: 0n, max: 255n },
                    { min: -128n, max: 127n },
                    { min: -100n, max: 77n },
                ]) {
                    const circuit = await compileInstance({
                        file: FILE,
                        call: `RangeCheckBound(${min},${max})`,
                        build,
                    });
                    const edges = [min - 1n, min, min + 1n, -1n, 0n, 1n, max - 1n, max, max + 1n, 256n, -256n];
                    const judge = async (x: bigint): Promise<void> => {
                        if (x < min || x > max) return expectRefused(circuit, { x: [x] });
                        expect(circuit.accepts(await circuit.witness({ x: [x] }))).to.equal(true);
                    };

                    for (const x of edges) await judge(x);
                    await fc.assert(fc.asyncProperty(fc.bigInt({ min: -400n, max: 400n }), judge));
                }
            });

            it("refuses a forged bit and a forged prefix", async () => {
                const circuit = await compileInstance({ file: FILE, call: "RangeCheckBound(-100,77)", build });
                const honest = await circuit.witness({ x: [77n] });

                for (const wire of circuit.wires.filter((name) => name !== "x")) {
                    const value = honest.get(wire) ?? 0n;
                    expect(circuit.accepts(forge(honest, { [wire]: 1n - value })), wire).to.equal(false);
                    expect(circuit.accepts(forge(honest, { [wire]: 2n })), wire).to.equal(false);
                }
            });

            it("refuses the bits of x - MIN + p at the widest span", async () => {
                const max = 1n << 250n;
                const circuit = await compileInstance({ file: FILE, call: `RangeCheckBound(0,${max})`, build });
                const honest = await circuit.witness({ x: [5n] });
                const alias = 5n + FIELD_ORDER;
                const bits = Object.fromEntries(
                    Array.from({ length: 250 }, (_, i) => [`bit[${i}]`, (alias >> BigInt(i + 1)) & 1n]),
                );

                expect(circuit.accepts(honest)).to.equal(true);
                expect(circuit.accepts(forge(honest, bits))).to.equal(false);
                expect(circuit.accepts(await circuit.witness({ x: [max] }))).to.equal(true);
                await expectRefused(circuit, { x: [max + 1n] });
                await expectRefused(circuit, { x: [-1n] });
            });
        });
    }
});
