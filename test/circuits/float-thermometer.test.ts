import { FIELD_ORDER } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { GREATEST_BITS, INFINITY_BITS, keyOfBits, ZERO_KEY } from "../../offchain/compiler/integer/floatKey.ts";
import { BUILDS, type Circuit, compileInstance, forge, type Witness } from "../support/circuit.ts";
import { expectRefused } from "./_expect.ts";
import { around } from "./_values.ts";

const FILE = "trees/float-thermometer.circom";
const LADDER = [0x007f_ffffn, keyOfBits(0xbf80_0000n), ZERO_KEY - 1n, ZERO_KEY, ZERO_KEY + 1n, keyOfBits(0x3f80_0000n)];
const CALL = `FloatThermometer(5, [${[...LADDER, 0xff80_0001n].join(", ")}], 3)`;
const SIGN = 1n << 31n;

const isNumber = (bits: bigint) => (bits >= 0n && bits <= INFINITY_BITS) || (bits >= SIGN && bits <= GREATEST_BITS);
const reached = (bits: bigint) => LADDER.slice(1).map((threshold) => (keyOfBits(bits) >= threshold ? 1n : 0n));
const bitsOf = (witness: Witness) => Array.from({ length: 5 }, (_, k) => witness.get(`c[${k}]`));

describe("FloatThermometer", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    it("costs 64 constraints for the sign alone", async () => {
        const call = "FloatThermometer(1, [8388607, 2147483648, 4286578689], 1)";

        expect((await compileInstance({ file: FILE, call })).constraintCount).to.equal(64);
    });

    for (const build of BUILDS) {
        describe(`${build} build`, () => {
            let circuit: Circuit;

            before(async () => {
                circuit = await compileInstance({ file: FILE, call: CALL, build });
            });

            it("orders ±0, subnormals, ±inf and other numbers, and refuses every NaN", async () => {
                const judge = async (x: bigint): Promise<void> => {
                    if (!isNumber(x)) return expectRefused(circuit, { x: [x] });
                    const witness = await circuit.witness({ x: [x] });
                    expect(circuit.accepts(witness)).to.equal(true);
                    expect(bitsOf(witness), x.toString(16)).to.deep.equal(reached(x));
                };

                const edges = [0n, 1n, 0x3f80_0000n, 0xbf80_0000n, SIGN, INFINITY_BITS, GREATEST_BITS, 1n << 32n];
                for (const x of edges.flatMap(around)) await judge(x);
                await fc.assert(fc.asyncProperty(fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }), judge));
            });

            it("refuses the other sign, with the key and the bits that it would have", async () => {
                for (const x of [0n, 1n, SIGN, SIGN + 1n, 0x3f80_0000n, 0xbf80_0000n]) {
                    const honest = await circuit.witness({ x: [x] });
                    const key = x < SIGN ? (1n << 32n) - 1n - x : x + SIGN;
                    const other = await circuit.witness({ x: [x < SIGN ? x + SIGN : x - SIGN] });

                    expect(circuit.accepts(forge(honest, { key }))).to.equal(false);
                    expect(circuit.accepts(new Map([...other, ["x", x]]))).to.equal(false);
                    expect(circuit.accepts(new Map([...other, ["x", x], ["key", key]]))).to.equal(false);
                }
            });

            it("refuses an aliased key and every single forged wire", async () => {
                const honest = await circuit.witness({ x: [0x4000_0000n] });
                const key = honest.get("key") ?? 0n;

                for (const alias of [key + (1n << 32n), key - (1n << 32n), key + (FIELD_ORDER + 1n) / 2n, -key]) {
                    expect(circuit.accepts(forge(honest, { key: alias }))).to.equal(false);
                }
                for (const wire of circuit.wires) {
                    const value = honest.get(wire) ?? 0n;
                    for (const other of [1n - value, value + 1n, value * 2n + 1n]) {
                        expect(circuit.accepts(forge(honest, { [wire]: other })), `${wire} = ${other}`).to.equal(false);
                    }
                }
            });

            it("refuses -0 for +0 where the sign alone differs", async () => {
                const [positive, negative] = [await circuit.witness({ x: [0n] }), await circuit.witness({ x: [SIGN] })];

                expect(bitsOf(positive)).to.deep.equal([1n, 1n, 1n, 0n, 0n]);
                expect(bitsOf(negative)).to.deep.equal([1n, 1n, 0n, 0n, 0n]);
                expect(circuit.accepts(new Map([...positive, ["x", SIGN]]))).to.equal(false);
                expect(circuit.accepts(new Map([...negative, ["x", 0n]]))).to.equal(false);
            });
        });
    }
});
