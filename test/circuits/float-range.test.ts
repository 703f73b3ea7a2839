import { FIELD_ORDER } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { isNumber } from "../../offchain/compiler/integer/floatKey.ts";
import { BUILDS, type Circuit, compileInstance, forge } from "../support/circuit.ts";
import { expectRefused } from "./_expect.ts";
import { around } from "./_values.ts";

const FILE = "trees/float-range.circom";
const SIGN = 1n << 31n;

/** The bit wires of a magnitude. */
function bitsOf(value: bigint): Record<string, bigint> {
    return Object.fromEntries(
        Array.from({ length: 30 }, (_, i) => [`bit[${i}]`, (value >> BigInt(i + 1)) & 1n] as const),
    );
}

describe("FloatRange", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    it("costs 40 constraints", async () => {
        expect((await compileInstance({ file: FILE, call: "FloatRange()" })).constraintCount).to.equal(40);
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

            it("refuses the other sign, with the bits that would go with it", async () => {
                for (const x of [0n, 5n, SIGN, SIGN + 5n]) {
                    const honest = await circuit.witness({ x: [x] });
                    const sign = x < SIGN ? 1n : 0n;

                    expect(circuit.accepts(forge(honest, { sign }))).to.equal(false);
                    expect(circuit.accepts(forge(honest, { sign, ...bitsOf(x - SIGN * sign) }))).to.equal(false);
                }
            });

            it("refuses a NaN of either sign, and the bits of x + p", async () => {
                const infinite = await circuit.witness({ x: [0x7f80_0000n] });
                for (const x of [0x7f80_0001n, 0x7fc0_0000n, 0xff80_0001n, 0xffff_ffffn]) {
                    for (const sign of [0n, 1n]) {
                        const forged = forge(infinite, { x, sign, ...bitsOf(x) });
                        expect(circuit.accepts(forged), `${x} ${sign}`).to.equal(false);
                    }
                }
                for (const ones of [0n, 2n]) {
                    expect(circuit.accepts(forge(infinite, { "ones[6]": ones }))).to.equal(false);
                }
                const five = await circuit.witness({ x: [5n] });
                expect(circuit.accepts(forge(five, bitsOf(5n + FIELD_ORDER)))).to.equal(false);
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
