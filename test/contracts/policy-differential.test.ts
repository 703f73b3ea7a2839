import { implies, isCanonical, isMet, isUnavailable, meetable, PRESETS, satisfied } from "@assay/protocol";
import { expect } from "chai";
import { network } from "hardhat";
import { type PolicyCase, policyCases } from "../offchain/protocol/_policyCases.ts";

/** Cases in one call: a twelve-clause case costs some 100k gas, and a call may use 16.7M. */
const BATCH = 100;
const ALL_MASKS = Array.from({ length: 1024 }, (_, mask) => mask);
const FAMILY_FREE_BITS = [10, 11, 12, 13, 14, 15];

interface Verdict {
    isCanonical: boolean;
    isUnavailable: boolean;
    implies: boolean;
    satisfied: bigint;
    metExact: bigint;
    metFloat: bigint;
    meetable: bigint;
}

async function createHarness() {
    const { ethers } = await network.create();
    const harness = await ethers.deployContract("PolicyHarness");

    /** What Solidity says of each case. */
    return async function judge(cases: readonly PolicyCase[]): Promise<Verdict[]> {
        const verdicts: Verdict[] = [];
        for (let first = 0; first < cases.length; first += BATCH) {
            verdicts.push(...(await harness.examine(cases.slice(first, first + BATCH))).map(named));
        }
        return verdicts;
    };
}

/** Answers for a list of masks as one integer, bit i for mask i. */
function packed(masks: readonly number[], answer: (mask: number) => boolean): bigint {
    return masks.reduce((bits, mask, i) => bits | (answer(mask) ? 1n << BigInt(i) : 0n), 0n);
}

/** The same verdict by the TypeScript twin; what is meant for canonical words only is asked of those only. */
function twin({ word, masks, floor }: PolicyCase): Partial<Verdict> {
    const always = {
        isCanonical: isCanonical(word),
        implies: implies(word, floor),
        satisfied: packed(masks, (mask) => satisfied(word, mask)),
    };
    if (!always.isCanonical) return always;
    return {
        ...always,
        isUnavailable: isUnavailable(word),
        metExact: packed(masks, (present) => isMet({ word, present, exactInt: true })),
        metFloat: packed(masks, (present) => isMet({ word, present, exactInt: false })),
        meetable: BigInt(meetable({ word, possible: masks[0] ?? 0, exactInt: true })),
    };
}

/** Clauses and parameters straight from the bits that DESIGN section 5 draws: no code of either implementation. */
function bitsOf(word: bigint) {
    const bits = (from: bigint, width: bigint) => Number((word >> from) & ((1n << width) - 1n));
    return {
        clauses: Array.from({ length: 12 }, (_, i) => bits(BigInt(16 * i), 16n)).filter((clause) => clause !== 0),
        window: bits(192n, 24n),
        age: bits(216n, 16n) || Number.POSITIVE_INFINITY,
        k: bits(232n, 4n),
        demands: bits(241n, 7n),
        soft: bits(240n, 1n),
    };
}

/** Masks of families that meet a canonical word. */
function truthOf(word: bigint): Set<number> {
    const { clauses } = bitsOf(word);
    return new Set(ALL_MASKS.filter((mask) => clauses.some((clause) => (clause & mask) === clause)));
}

/** Whether every parameter of `word` is at least as strict. */
function isAsStrict(word: bigint, floor: bigint): boolean {
    const [p, f] = [bitsOf(word), bitsOf(floor)];
    return (
        p.window >= f.window &&
        p.age <= f.age &&
        p.k >= f.k &&
        (f.demands & ~p.demands) === 0 &&
        (p.soft === 0 || f.soft === 1)
    );
}

describe("Policy in Solidity and in TypeScript", function () {
    this.timeout(120_000); // some 13,000 cases, judged twice

    let judge: Awaited<ReturnType<typeof createHarness>>;
    let cases: PolicyCase[];
    let verdicts: Verdict[];

    before(async () => {
        judge = await createHarness();
        cases = policyCases();
        verdicts = await judge(cases);
    });

    it("agree on more than 12,000 words", () => {
        expect(cases.length).to.be.greaterThan(12_000);
        for (const [i, given] of cases.entries()) {
            const expected = twin(given);
            const actual = new Map(Object.entries(verdicts[i] ?? {}));
            for (const [name, value] of Object.entries(expected)) {
                if (actual.get(name) === value) continue;
                expect.fail(`${name} of 0x${given.word.toString(16)}: ${actual.get(name)}, not ${value}`);
            }
        }
    });

    it("see many words of every kind", () => {
        const count = (test: (verdict: Verdict) => boolean) => verdicts.filter(test).length;

        expect(count((verdict) => verdict.isCanonical)).to.be.greaterThan(4_000);
        expect(count((verdict) => !verdict.isCanonical)).to.be.greaterThan(4_000);
        expect(count((verdict) => verdict.implies)).to.be.greaterThan(500);
        expect(count((verdict) => verdict.isCanonical && !verdict.implies)).to.be.greaterThan(1_000);
        expect(count((verdict) => verdict.satisfied !== 0n)).to.be.greaterThan(2_000);
    });

    it("agree on every mask of every preset, whatever other bits the mask has", async () => {
        const slices = [0, 256, 512, 768].map((from) => ALL_MASKS.slice(from, from + 256));
        const noise = (mask: number) => mask | (1 << (FAMILY_FREE_BITS[mask % FAMILY_FREE_BITS.length] ?? 15));
        const swept = Object.values(PRESETS).flatMap((word) =>
            slices.flatMap((masks) => [masks, masks.map(noise)].map((list) => ({ word, masks: list, floor: word }))),
        );

        // One case at a time: 256 masks are three evaluations each.
        for (const given of swept) {
            const [verdict] = await judge([given]);
            expect(verdict?.satisfied).to.equal(twin(given).satisfied);
            expect(verdict?.metExact).to.equal(twin(given).metExact);
        }
    });

    it("mean by implies that every mask that meets the word meets the floor, and nothing looser in its parameters", () => {
        const truths = new Map<bigint, Set<number>>();
        const truth = (word: bigint) => truths.get(word) ?? truths.set(word, truthOf(word)).get(word) ?? new Set();

        let decidedByClauses = 0;
        for (const [i, { word, floor }] of cases.entries()) {
            if (!isCanonical(word) || !isCanonical(floor)) continue;
            const strict = isAsStrict(word, floor);
            const always = strict && [...truth(word)].every((mask) => truth(floor).has(mask));
            if (strict && !always) decidedByClauses += 1;
            if (verdicts[i]?.implies !== always) expect.fail(`0x${word.toString(16)} implies 0x${floor.toString(16)}`);
        }
        expect(decidedByClauses).to.be.greaterThan(100);
    });
});

/** ethers results are arrays with names on top. */
function named({ isCanonical, isUnavailable, implies, satisfied, metExact, metFloat, meetable }: Verdict): Verdict {
    return { isCanonical, isUnavailable, implies, satisfied, metExact, metFloat, meetable };
}
