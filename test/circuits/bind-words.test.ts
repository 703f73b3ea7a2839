import { encodeKey, eOf, FIELD_ORDER, rOf, verifyGroth16, vkHashOf } from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { groth16 } from "snarkjs";
import { devSetup } from "../../offchain/compiler/setup/devSetup.ts";
import { createCircomCalculator } from "../support/circomWitness.ts";
import { BUILDS, type Circuit, compileInstance, field, forge } from "../support/circuit.ts";
import { chainOf } from "../support/poseidon.ts";
import { eip197 } from "../support/proof.ts";

const FILE = "binding/bind-words.circom";
const WORDS = [11n, 22n, 33n, 44n, 55n];

describe("BindWords", function () {
    this.timeout(120_000); // compiles circuits when they are not cached

    it("costs 610 constraints per 15 words and one per word but the first", async () => {
        for (const [count, constraints] of [
            [2, 611],
            [5, 614],
            [16, 1235],
            [27, 1246],
        ]) {
            const { constraintCount } = await compileInstance({ file: FILE, call: `BindWords(${count})` });

            expect(constraintCount).to.equal(constraints);
        }
    });

    for (const build of BUILDS) {
        describe(`${build} build`, () => {
            const circuits = new Map<number, Circuit>();
            const five = (): Circuit => circuits.get(5) ?? expect.fail("not compiled");

            before(async () => {
                for (const count of [2, 5, 16]) {
                    circuits.set(count, await compileInstance({ file: FILE, call: `BindWords(${count})`, build }));
                }
            });

            it("commits to the words and evaluates them, on edges and at random", async () => {
                for (const [count, circuit] of circuits) {
                    const judge = async (words: bigint[], r: bigint): Promise<void> => {
                        const witness = await circuit.witness({ words, r: [r] });
                        expect(circuit.accepts(witness)).to.equal(true);
                        expect(witness.get("c")).to.equal(chainOf({ words, start: BigInt(count) }));
                        expect(witness.get("e")).to.equal(eOf({ words, r }));
                    };

                    for (const value of [0n, 1n, (1n << 248n) - 1n, FIELD_ORDER - 1n]) {
                        for (const r of [0n, 1n, FIELD_ORDER - 1n])
                            await judge(new Array<bigint>(count).fill(value), r);
                    }
                    const word = fc.bigInt({ min: 0n, max: (1n << 248n) - 1n });
                    const list = fc.array(word, { minLength: count, maxLength: count });
                    const challenge = fc.bigInt({ min: 0n, max: FIELD_ORDER - 1n });
                    await fc.assert(fc.asyncProperty(list, challenge, judge), { numRuns: 5 });
                }
            });

            it("refuses other words of the same evaluation under a fixed c", async () => {
                const honest = await five().witness({ words: WORDS, r: [987_654_321n] });
                const chosenAfter = [WORDS[0] ?? 0n, ...WORDS.slice(1)];
                chosenAfter[0] = field((chosenAfter[0] ?? 0n) + 987_654_321n);
                chosenAfter[1] = field((chosenAfter[1] ?? 0n) - 1n);
                const other = await five().witness({ words: chosenAfter, r: [987_654_321n] });

                expect(other.get("e")).to.equal(honest.get("e"));
                expect(other.get("c")).not.to.equal(honest.get("c"));
                expect(five().accepts(forge(other, { c: honest.get("c") ?? 0n }))).to.equal(false);
            });

            it("refuses a forged word, commitment, evaluation, challenge and step", async () => {
                const honest = await five().witness({ words: WORDS, r: [7n] });

                for (const wire of five().wires) {
                    const value = field((honest.get(wire) ?? 0n) + 1n);
                    expect(five().accepts(forge(honest, { [wire]: value })), wire).to.equal(false);
                }
            });
        });
    }

    it("binds the proof to c, e and r", async () => {
        const circuit = await compileInstance({ file: FILE, call: "BindWords(5)", publicInputs: ["r"] });
        const { zkey, verifyingKey } = await devSetup({ r1cs: circuit.compiled.r1cs });
        const c = chainOf({ words: WORDS, start: 5n });
        const r = rOf({ vkHash: vkHashOf(encodeKey(verifyingKey)), c, words: WORDS });
        const calculator = await createCircomCalculator(new Uint8Array(circuit.compiled.wasm));
        const { file } = await calculator.calculate({ words: WORDS, r: [r] });
        const made = await groth16.prove(zkey, file, undefined, { singleThread: true });
        const proof = eip197(made.proof);
        const signals = [c, eOf({ words: WORDS, r }), r];

        expect(made.publicSignals.map(BigInt)).to.deep.equal(signals);
        expect(verifyGroth16({ key: verifyingKey, signals, proof })).to.equal(true);
        for (const [index, signal] of signals.entries()) {
            expect(verifyGroth16({ key: verifyingKey, signals: signals.with(index, signal + 1n), proof })).to.equal(
                false,
            );
        }
    });
});
