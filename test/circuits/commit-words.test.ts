import { FIELD_ORDER } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { BUILDS, type Circuit, compileInstance, field, forge } from "../support/circuit.ts";
import { chainOf } from "../support/poseidon.ts";
import { expectRefused } from "./_expect.ts";

const FILE = "commit/commit-words.circom";
const COUNTS = [1, 15, 16];
const element = fc.bigInt({ min: 0n, max: FIELD_ORDER - 1n });

describe("CommitWords", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    it("costs 610 constraints per 15 words", async () => {
        for (const [count, constraints] of [
            [1, 610],
            [15, 610],
            [16, 1220],
            [27, 1220],
        ]) {
            const { constraintCount } = await compileInstance({ file: FILE, call: `CommitWords(${count})` });

            expect(constraintCount).to.equal(constraints);
        }
    });

    for (const build of BUILDS) {
        describe(`${build} build`, () => {
            const circuits = new Map<number, Circuit>();
            const of = (count: number): Circuit => circuits.get(count) ?? expect.fail("not compiled");

            before(async () => {
                for (const count of COUNTS) {
                    circuits.set(count, await compileInstance({ file: FILE, call: `CommitWords(${count})`, build }));
                }
            });

            it("accepts the commitment and nothing else, on edges and at random", async () => {
                for (const count of COUNTS) {
                    const judge = async (words: bigint[], salt: bigint, wrong: bigint): Promise<void> => {
                        const hash = chainOf({ words, start: salt });
                        const witness = await of(count).witness({ words, salt: [salt], hash: [hash] });
                        expect(of(count).accepts(witness)).to.equal(true);
                        if (wrong !== hash) await expectRefused(of(count), { words, salt: [salt], hash: [wrong] });
                    };

                    for (const value of [0n, 1n, (1n << 248n) - 1n, FIELD_ORDER - 1n]) {
                        for (const salt of [0n, 1n, FIELD_ORDER - 1n]) {
                            await judge(new Array<bigint>(count).fill(value), salt, 0n);
                        }
                    }
                    const words = fc.array(element, { minLength: count, maxLength: count });
                    await fc.assert(fc.asyncProperty(words, element, element, judge), { numRuns: 3 });
                }
            });

            it("refuses another word, salt, hash and every forged step", async () => {
                const words = Array.from({ length: 16 }, (_, i) => BigInt(i * i));
                const hash = chainOf({ words, start: 99n });
                const honest = await of(16).witness({ words, salt: [99n], hash: [hash] });

                for (const wire of of(16).wires) {
                    const value = field((honest.get(wire) ?? 0n) + 1n);
                    expect(of(16).accepts(forge(honest, { [wire]: value })), wire).to.equal(false);
                }
            });

            it("refuses the words of one opening under the salt of another", async () => {
                const [mine, other] = [[7n], [8n]];
                const hash = chainOf({ words: mine, start: 1n });
                const salt = chainOf({ words: other, start: 2n });

                await expectRefused(of(1), { words: other, salt: [1n], hash: [hash] });
                await expectRefused(of(1), { words: mine, salt: [salt], hash: [hash] });
            });
        });
    }
});
