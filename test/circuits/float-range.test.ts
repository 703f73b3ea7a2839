import { FIELD_ORDER } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { isNumber } from "../../offchain/compiler/integer/floatKey.ts";
import { BUILDS, type Circuit, compileInstance, forge } from "../support/circuit.ts";
import { expectRefused } from "./_expect.ts";
import { around } from "./_values.ts";

const FILE = "trees/float-range.circom";
const SIGN = 1n << 31n;

describe("FloatRange", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    it("costs 41 constraints", async () => {
        expect((await compileInstance({ file: FILE, call: "FloatRange()" })).constraintCount).to.equal(41);
    });

    for (const build of BUILDS) {
        describe(`${build} build`, () => {
            let circuit: Circuit;

            before(async () => {
                circuit = await compileInstance({ file: FILE, call: "FloatRange()", build });
            });

            it("accepts the bits of every number and refuses those of every NaN", async () => {
                const judge = async (x: bigint): Promise<void> => {
                    if (!isNumber(x)) return expectRefused(circuit, { x: [x] });
                    expect(circuit.accepts(await circuit.witness({ x: [x] }))).to.equal(true);
                };

                const edges = [0n, SIGN, 0x7f80_0000n, 0xff80_0000n, 1n << 32n, FIELD_ORDER / 2n];
                for (const x of edges.flatMap(around)) await judge(x);
                await fc.assert(fc.asyncProperty(fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }), judge));
            });

            it("refuses the other sign, and a NaN with either sign", async () => {
                for (const x of [0n, 5n, SIGN, SIGN + 5n]) {
                    const honest = await circuit.witness({ x: [x] });
                    const sign = x < SIGN ? 1n : 0n;

                    expect(circuit.accepts(forge(honest, { sign }))).to.equal(false);
                    expect(circuit.accepts(forge(honest, { sign, "magnitude.x": x - SIGN * sign }))).to.equal(false);
                }
                const infinite = await circuit.witness({ x: [0x7f80_0000n] });
                for (const sign of [0n, 1n]) {
                    const x = 0x7fc0_0000n;
                    const forged = forge(infinite, { x, sign, "magnitude.x": x - SIGN * sign });
                    expect(circuit.accepts(forged)).to.equal(false);
                }
            });

            it("refuses every single forged wire", async () => {
                const honest = await circuit.witness({ x: [0xbf12_3456n] });

                for (const wire of circuit.wires) {
                    const value = honest.get(wire) ?? 0n;
                    for (const other of [1n - value, value + 2n]) {
                        const allowed = wire === "x" && isNumber(other);
                        expect(circuit.accepts(forge(honest, { [wire]: other })) && !allowed, wire).to.equal(false);
                    }
                }
            });
        });
    }
});
