import { encodeKey, eOf, FIELD_ORDER, poseidonChain, rOf, verifyGroth16, vkHashOf } from "@assay/protocol";
import { expect } from "chai";
import { describeGadget } from "../../../offchain/compiler/circuit/gadgets.ts";
import { times } from "../../../offchain/compiler/circuit/system/algebra.ts";
import { createSystem } from "../../../offchain/compiler/circuit/system/builder.ts";
import type { ConstraintSystem } from "../../../offchain/compiler/circuit/system/system.ts";
import { writeR1cs } from "../../../offchain/compiler/circuit/system/writeR1cs.ts";
import { proveWitness } from "../../../offchain/compiler/proving/proveWitness.ts";
import { createWitnessCalculator } from "../../../offchain/compiler/proving/witness.ts";
import { devSetup } from "../../../offchain/compiler/setup/devSetup.ts";
import { field } from "../../support/circuit.ts";

const COUNT = 5;
/** What the prover wants the verifier to believe. */
const CLAIMED = [11n, 22n, 33n, 44n, 55n];
const WORD_BITS = 248n;

/** The scheme of DESIGN section 7 without its commitment: only e = sum of w_i r^i is published, r = hash(claimed words). */
function evaluationOnly(): ConstraintSystem {
    const { main, wires, finish } = createSystem({
        outputs: [{ name: "e" }],
        publicInputs: [{ name: "r" }],
        privateInputs: [{ name: "words", dims: [COUNT] }],
    });
    const [e = 0] = wires.get("e") ?? [];
    const [r = 0] = wires.get("r") ?? [];
    const words = wires.get("words") ?? [];
    const horner = main.signals({ name: "horner", dims: [COUNT - 2] });
    const tails = [...horner.toReversed(), e];
    tails.reduce(
        (tail, target, step) => {
            const plus = times(words[COUNT - 2 - step] ?? 0);
            main.assign({ target, left: times(tail), right: times(r), plus });
            return target;
        },
        words[COUNT - 1] ?? 0,
    );
    return finish();
}

/** BindWords with its signals public. */
function committedAndEvaluated(): ConstraintSystem {
    const { main, wires, finish } = createSystem({
        outputs: [{ name: "c" }, { name: "e" }],
        publicInputs: [{ name: "r" }],
        privateInputs: [{ name: "words", dims: [COUNT] }],
    });
    const signals = (name: string) => (wires.get(name) ?? []).map((wire) => times(wire));
    describeGadget({ template: "BindWords", count: COUNT }).expand({
        system: main,
        inputs: [signals("words"), signals("r")],
        outputs: [...(wires.get("c") ?? []), ...(wires.get("e") ?? [])],
    });
    return finish();
}

/** A circuit with a key: proofs of words at a challenge, and whether one is believed for some public signals. */
async function keyed(system: ConstraintSystem) {
    const { zkey, verifyingKey } = await devSetup({ r1cs: writeR1cs(system.r1cs) });
    const calculator = createWitnessCalculator(system);
    return {
        vkHash: vkHashOf(encodeKey(verifyingKey)),
        prove: ({ words, r }: { words: bigint[]; r: bigint }) =>
            proveWitness({ zkey, witness: calculator.calculate({ words, r: [r] }).file }),
        believes: ({ signals, proof }: { signals: bigint[]; proof: readonly bigint[] }) =>
            verifyGroth16({ key: verifyingKey, signals, proof }),
    };
}

/** Other words of 31 bytes with the same polynomial at r: all but the first are chosen, the first one is what is missing. */
function wordsChosenAfter(r: bigint): bigint[] {
    const e = eOf({ words: CLAIMED, r });
    for (let attempt = 1n; ; attempt++) {
        const rest = [attempt, 7n, 8n, 9n];
        const first = field(e - eOf({ words: [0n, ...rest], r }));
        if (first < 1n << WORD_BITS) return [first, ...rest];
    }
}

describe("words picked after the challenge", function () {
    this.timeout(60_000); // makes keys and proofs of two small circuits

    it("are believed when only their polynomial is published: the reason for the commitment", async () => {
        const { vkHash, prove, believes } = await keyed(evaluationOnly());
        const r = rOf({ vkHash, c: 0n, words: CLAIMED });
        const words = wordsChosenAfter(r);

        const proof = await prove({ words, r });

        expect(words).to.not.deep.equal(CLAIMED);
        expect(words.every((word) => word < 1n << WORD_BITS)).to.equal(true);
        expect(believes({ signals: [eOf({ words: CLAIMED, r }), r], proof })).to.equal(true);
    });

    it("are refused under the commitment: it moves the challenge, or does not fit the proof", async () => {
        const { vkHash, prove, believes } = await keyed(committedAndEvaluated());
        const commit = (words: bigint[]) => poseidonChain({ start: BigInt(COUNT), words });
        /** What the gate rebuilds from the commitment that came with a proof. */
        const gateSignals = (c: bigint) => {
            const r = rOf({ vkHash, c, words: CLAIMED });
            return [c, eOf({ words: CLAIMED, r }), r];
        };
        const honest = commit(CLAIMED);
        let r = rOf({ vkHash, c: honest, words: CLAIMED });

        // Whoever starts again from the moved challenge only moves it once more
        for (let round = 0; round < 3; round++) {
            const words = wordsChosenAfter(r);
            const c = commit(words);
            const moved = gateSignals(c);
            const [, , next = 0n] = moved;

            expect(c).to.not.equal(honest);
            expect(next).to.not.equal(r);
            expect(eOf({ words, r: next })).to.not.equal(eOf({ words: CLAIMED, r: next }));
            const atFirst = await prove({ words, r });
            const again = await prove({ words, r: next });
            for (const proof of [atFirst, again]) {
                expect(believes({ signals: moved, proof })).to.equal(false);
                expect(believes({ signals: gateSignals(honest), proof })).to.equal(false);
            }
            r = next;
        }
        expect(r < FIELD_ORDER).to.equal(true);
    });

    it("leave the honest words believed", async () => {
        const { vkHash, prove, believes } = await keyed(committedAndEvaluated());
        const c = poseidonChain({ start: BigInt(COUNT), words: CLAIMED });
        const r = rOf({ vkHash, c, words: CLAIMED });

        const proof = await prove({ words: CLAIMED, r });

        expect(believes({ signals: [c, eOf({ words: CLAIMED, r }), r], proof })).to.equal(true);
    });
});
