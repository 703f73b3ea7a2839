import { readFileSync } from "node:fs";
import {
    decodePolicy,
    encodePolicy,
    FAMILIES,
    FLAGS,
    implies,
    isCanonical,
    isMet,
    isUnavailable,
    maskOf,
    meetable,
    type PolicyFault,
    PRESETS,
    policyFault,
    satisfied,
} from "@assay/protocol";
import { expect } from "chai";
import fc from "fast-check";
import { policyVectors } from "../../../scripts/vectors/policy.ts";
import { expectError } from "./_expect.ts";
import { aPolicy } from "./_policyCases.ts";
import { createRandom } from "./_random.ts";

const masks = Array.from({ length: 1024 }, (_, mask) => mask);
const policies = fc.string({ minLength: 8, maxLength: 8 }).map((seed) => aPolicy(createRandom(seed)));
const words = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });

/** The words of reference/protocol.md 4.13, computed there by another implementation. */
const KNOWN_WORDS = {
    SIGNED: "0x0100000000000000000000000000000000000000000000000000000000000001",
    TEE: "0x0100000000000000000000000000000000000000000000000000000800040002",
    TEE_AND_ZK: "0x0100000000000000000000000000000000000000000000000000001800140012",
    LAZY_ZK: "0x0108000000000708000000000000000000000000000000000000000000810010",
    ATTESTED_LAZY_ZK: "0x0108000000000708000000000000000000000000000000000000000000820010",
    TWO_OF_THREE: "0x0100000000000000000000000000000000000000000000000000001200110003",
    QUORUM_3_OF_5: "0x0100530000000000000000000000000000000000000000000000000000000100",
};

describe("policy", () => {
    it("judges as the golden vectors say", function () {
        this.timeout(20_000); // more than 13,000 cases are generated and judged
        const golden: unknown = JSON.parse(readFileSync("test/vectors/policy.json", "utf8"));

        expect(policyVectors()).to.deep.equal(golden);
    });

    it("has the preset words that another implementation computed", () => {
        expect(PRESETS).to.include(
            Object.fromEntries(Object.entries(KNOWN_WORDS).map(([name, word]) => [name, BigInt(word)])),
        );
    });

    describe("isCanonical", () => {
        it("holds for every preset", () => {
            for (const [name, word] of Object.entries(PRESETS)) expect(policyFault(word), name).to.equal(undefined);
        });

        const { SIGNED, OPTIMISTIC, QUORUM, ZK_GROTH16 } = FAMILIES;
        const version = 1n << 248n;
        const faults: [string, bigint, PolicyFault][] = [
            ["another version", PRESETS.SIGNED + version, "version"],
            ["more than 256 bits", PRESETS.SIGNED + (1n << 256n), "version"],
            ["a negative number", -1n, "version"],
            ["no clause", version, "no clause"],
            ["an empty first clause", version | (1n << 16n), "gap between clauses"],
            ["family 10", version | (1n << 10n), "unknown family"],
            ["descending clauses", version | 2n | (1n << 16n), "clauses not ascending"],
            ["a clause twice", version | 1n | (1n << 16n), "clauses not ascending"],
            ["a clause implied by another", version | 1n | (3n << 16n), "clause implied by another"],
            ["a window without OPTIMISTIC", version | 1n | (5n << 192n), "window without OPTIMISTIC"],
            [
                "OPTIMISTIC without a window",
                version | BigInt(1 << OPTIMISTIC) | (8n << 240n),
                "OPTIMISTIC without window",
            ],
            [
                "OPTIMISTIC without EXACT_INT",
                version | BigInt(1 << OPTIMISTIC) | (5n << 192n),
                "OPTIMISTIC without REQUIRE_EXACT_INT",
            ],
            ["k without QUORUM", version | BigInt(1 << SIGNED) | (1n << 232n), "quorum without QUORUM"],
            ["n without QUORUM", version | BigInt(1 << ZK_GROTH16) | (1n << 236n), "quorum without QUORUM"],
            ["QUORUM with k 0", version | BigInt(1 << QUORUM) | (3n << 236n), "quorum out of range"],
            [
                "QUORUM with k above n",
                version | BigInt(1 << QUORUM) | (4n << 232n) | (3n << 236n),
                "quorum out of range",
            ],
            ["flag 5", version | 1n | (32n << 240n), "unknown flag"],
        ];
        for (const [name, word, fault] of faults) {
            it(`is refused for ${name}`, () => {
                expect(policyFault(word)).to.equal(fault);
                expect(isCanonical(word)).to.equal(false);
                if (word >= 0n) expectError(() => decodePolicy(word), "POLICY_NOT_CANONICAL");
            });
        }

        it("holds for exactly the words that decode and encode to themselves", () => {
            fc.assert(
                fc.property(fc.oneof(policies, words), (word) => {
                    if (isCanonical(word)) expect(encodePolicy(decodePolicy(word))).to.equal(word);
                    else expectError(() => decodePolicy(word), "POLICY_NOT_CANONICAL");
                }),
            );
        });

        it("gives equal meaning to equal words only: one-bit changes that stay canonical decode differently", () => {
            fc.assert(
                fc.property(policies, fc.integer({ min: 0, max: 255 }), (word, bit) => {
                    const other = word ^ (1n << BigInt(bit));
                    if (isCanonical(other)) expect(decodePolicy(other)).to.not.deep.equal(decodePolicy(word));
                }),
            );
        });
    });

    describe("encodePolicy", () => {
        it("sorts clauses", () => {
            expect(encodePolicy({ clauses: [8, 2, 4] })).to.equal(PRESETS.TEE);
        });

        it("refuses what has no canonical word", () => {
            for (const clauses of [[], [1, 3], [1024], [1, 1], [1.5], [-1]]) {
                expectError(() => encodePolicy({ clauses }), "POLICY_NOT_CANONICAL");
            }
            expectError(() => encodePolicy({ clauses: [1], windowSeconds: 2 ** 24 }), "POLICY_NOT_CANONICAL");
            expectError(() => encodePolicy({ clauses: [1], quorumK: 16 }), "POLICY_NOT_CANONICAL");
            const thirteen = Array.from({ length: 13 }, (_, i) => 64 + i);
            expectError(() => encodePolicy({ clauses: thirteen }), "POLICY_NOT_CANONICAL");
        });
    });

    describe("satisfied", () => {
        it("is the formula: some clause lies within the mask", () => {
            fc.assert(
                fc.property(policies, fc.integer({ min: 0, max: 0xffff }), (word, mask) => {
                    const { clauses } = decodePolicy(word);
                    expect(satisfied(word, mask)).to.equal(clauses.some((clause) => (clause & mask) === clause));
                    expect(satisfied(word, BigInt(mask))).to.equal(satisfied(word, mask));
                }),
            );
        });

        it("is monotone: more evidence never breaks a policy", () => {
            const mask = fc.integer({ min: 0, max: 0xffff });
            fc.assert(
                fc.property(policies, mask, mask, (word, some, more) => {
                    if (satisfied(word, some)) expect(satisfied(word, some | more)).to.equal(true);
                }),
            );
        });

        it("stops at the first empty clause of a word that is not canonical", () => {
            expect(satisfied(1n << 16n, 1)).to.equal(false);
        });

        it("is never met by nothing, nor by development bits alone", () => {
            for (const word of Object.values(PRESETS)) expect(satisfied(word, 0xc000)).to.equal(false);
        });
    });

    describe("isMet and meetable", () => {
        const { TEE_NITRO, TEE_SGX, TEE_TDX, ZK_GROTH16 } = FAMILIES;

        it("drop clauses with SGX and TDX when vendors must differ", () => {
            const oneVendor = maskOf([TEE_SGX, TEE_TDX]);
            const word = encodePolicy({
                clauses: [oneVendor, maskOf([TEE_NITRO, TEE_SGX])],
                flags: 1 << FLAGS.DISTINCT_TEE_VENDORS,
            });

            expect(isMet({ word, present: oneVendor, exactInt: true })).to.equal(false);
            expect(satisfied(word, oneVendor)).to.equal(true);
            expect(meetable({ word, possible: 0x3ff, exactInt: true })).to.equal(0b01);
        });

        it("drop every clause when EXACT_INT is required and the model is not", () => {
            const word = encodePolicy({ clauses: [1 << ZK_GROTH16], flags: 1 << FLAGS.REQUIRE_EXACT_INT });

            expect(isMet({ word, present: 1 << ZK_GROTH16, exactInt: true })).to.equal(true);
            expect(isMet({ word, present: 1 << ZK_GROTH16, exactInt: false })).to.equal(false);
        });

        it("say what is not built yet", () => {
            const available = Object.entries(PRESETS)
                .filter(([, word]) => !isUnavailable(word))
                .map(([name]) => name);

            expect(Object.keys(PRESETS).filter((name) => !available.includes(name))).to.deep.equal([
                "LAZY_ZK",
                "ATTESTED_LAZY_ZK",
                "QUORUM_3_OF_5",
            ]);
            for (const flag of [FLAGS.DISTINCT_EXECUTOR_KEYS, FLAGS.INCLUDE_BLOCK_HASH]) {
                expect(isUnavailable(encodePolicy({ clauses: [1], flags: 1 << flag }))).to.equal(true);
            }
        });
    });

    describe("implies", () => {
        it("means of the clauses that every mask that meets p meets floor, checked on all 1,024 masks", () => {
            const random = createRandom("implication");
            const plain = Array.from({ length: 2000 }, () => aPolicy(random))
                .filter(isPlain)
                .slice(0, 150)
                .map(clausesOnly);
            const truths = plain.map((word) => masks.filter((mask) => isMetByHand(decodePolicy(word).clauses, mask)));

            let held = 0;
            for (const [i, p] of plain.entries()) {
                for (const [j, floor] of plain.entries()) {
                    const always = isSubset(truths[i] ?? [], new Set(truths[j]));
                    expect(implies(p, floor), `${p} implies ${floor}`).to.equal(always);
                    if (always && i !== j) held += 1;
                }
            }
            expect(held).to.be.greaterThan(50);
        });

        it("is never true while some mask that meets p does not meet floor", () => {
            fc.assert(
                fc.property(policies, policies, (p, floor) => {
                    if (!implies(p, floor)) return;
                    expect(masks.filter((mask) => satisfied(p, mask) && !satisfied(floor, mask))).to.deep.equal([]);
                }),
            );
        });

        it("is reflexive and transitive", () => {
            fc.assert(
                fc.property(policies, policies, policies, (a, b, c) => {
                    expect(implies(a, a)).to.equal(true);
                    if (implies(a, b) && implies(b, c)) expect(implies(a, c)).to.equal(true);
                }),
            );
        });

        it("wants windows, k and age at least as strict, kept flags, and no soft callback that was not there", () => {
            const optimistic = { clauses: [1 << FAMILIES.OPTIMISTIC], flags: 1 << FLAGS.REQUIRE_EXACT_INT };
            const quorum = { clauses: [1 << FAMILIES.QUORUM], quorumN: 9 };
            const pairs: [bigint, bigint][] = [
                [
                    encodePolicy({ ...optimistic, windowSeconds: 60 }),
                    encodePolicy({ ...optimistic, windowSeconds: 59 }),
                ],
                [encodePolicy({ ...quorum, quorumK: 3 }), encodePolicy({ ...quorum, quorumK: 2 })],
                [encodePolicy({ clauses: [1], maxAgeMinutes: 5 }), encodePolicy({ clauses: [1], maxAgeMinutes: 6 })],
                [encodePolicy({ clauses: [1], maxAgeMinutes: 5 }), encodePolicy({ clauses: [1] })],
                [encodePolicy({ clauses: [1], flags: 2 }), encodePolicy({ clauses: [1] })],
                [encodePolicy({ clauses: [1], flags: 16 }), encodePolicy({ clauses: [1] })],
                [encodePolicy({ clauses: [1] }), encodePolicy({ clauses: [1], flags: 1 })],
            ];
            for (const [strict, loose] of pairs) {
                expect(implies(strict, loose), `${strict} implies ${loose}`).to.equal(true);
                expect(implies(loose, strict), `${loose} implies ${strict}`).to.equal(false);
            }
        });

        it("says nothing of words that are not policies", () => {
            expect(implies(0n, PRESETS.SIGNED)).to.equal(false);
            expect(implies(PRESETS.SIGNED, 0n)).to.equal(false);
        });
    });
});

/** Whether a policy has no family that needs parameters, so that its clauses can stand alone. */
function isPlain(word: bigint): boolean {
    const needy = maskOf([FAMILIES.OPTIMISTIC, FAMILIES.QUORUM]);
    return isCanonical(word) && decodePolicy(word).clauses.every((clause) => (clause & needy) === 0);
}

/** The same clauses with no other demand, so that clauses alone decide what implies what. */
function clausesOnly(word: bigint): bigint {
    return encodePolicy({ clauses: decodePolicy(word).clauses });
}

function isMetByHand(clauses: readonly number[], mask: number): boolean {
    return clauses.some((clause) => (clause & mask) === clause);
}

function isSubset(masks: readonly number[], others: ReadonlySet<number>): boolean {
    return masks.every((mask) => others.has(mask));
}
