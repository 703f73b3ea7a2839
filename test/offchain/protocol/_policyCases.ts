import { decodePolicy, encodePolicy, FAMILIES, FLAGS, isCanonical, maskOf, PRESETS } from "@assay/protocol";
import { createRandom, type Random } from "./_random.ts";

/** A word to judge, masks to satisfy it with, and a floor to compare it to. */
export interface PolicyCase {
    word: bigint;
    masks: number[];
    floor: bigint;
}

const FAMILY_COUNT = Object.keys(FAMILIES).length;
const CLAUSES = 12;
const COUNTS = { random: 3000, canonical: 4000, nearly: 2500, wide: 200 };

/** More than 12,000 words, the same on every machine: presets, all their one-bit changes, structured and random words. */
export function policyCases(): PolicyCase[] {
    const random = createRandom("policy");
    const presets = Object.values(PRESETS);
    const canonical = Array.from({ length: COUNTS.canonical }, () => aPolicy(random));
    const words = [
        ...presets,
        ...presets.flatMap((word) => Array.from({ length: 256 }, (_, bit) => word ^ (1n << BigInt(bit)))),
        ...canonical,
        ...Array.from({ length: COUNTS.nearly }, () => nearly(random, random.pick(firstOf(canonical)))),
        ...Array.from({ length: COUNTS.wide }, () => wide(random)),
        ...Array.from({ length: COUNTS.random }, random.word),
    ];
    const floors = words.filter(isCanonical);
    return words.map((word, i) => ({
        word,
        masks: masksFor(random, word),
        // A third are compared to a weakened form of themselves, so that many implications hold.
        floor: i % 3 === 0 && isCanonical(word) ? weakened(random, word) : random.pick(firstOf(floors)),
    }));
}

/** A canonical policy: an antichain of up to 12 clauses and parameters that fit it. */
export function aPolicy(random: Random): bigint {
    const wanted = 1 + random.below(CLAUSES);
    const drawn = Array.from({ length: wanted }, () => 1 + random.below(1023));
    return parameterised(random, antichainOf(drawn));
}

/** Twelve clauses of equal size, so that none can contain another. */
function wide(random: Random): bigint {
    const size = 2 + random.below(5);
    const clauses = new Set<number>();
    while (clauses.size < CLAUSES) {
        const bits = new Set<number>();
        while (bits.size < size) bits.add(random.below(FAMILY_COUNT));
        clauses.add(maskOf([...bits]));
    }
    return parameterised(random, [...clauses]);
}

function parameterised(random: Random, clauses: readonly number[]): bigint {
    const all = clauses.reduce((mask, clause) => mask | clause, 0);
    const optimistic = (all & (1 << FAMILIES.OPTIMISTIC)) !== 0;
    const quorum = (all & (1 << FAMILIES.QUORUM)) !== 0;
    const quorumN = quorum ? 1 + random.below(15) : 0;
    return encodePolicy({
        clauses,
        windowSeconds: optimistic ? 1 + random.below(0xffffff) : 0,
        maxAgeMinutes: random.below(3) === 0 ? random.below(0x10000) : 0,
        quorumK: quorum ? 1 + random.below(quorumN) : 0,
        quorumN,
        flags: random.below(32) | (optimistic ? 1 << FLAGS.REQUIRE_EXACT_INT : 0),
    });
}

function antichainOf(clauses: readonly number[]): number[] {
    const unique = [...new Set(clauses)];
    return unique.filter((clause) => !unique.some((other) => other !== clause && (other & ~clause) === 0));
}

/** One, two or three bits of a canonical word changed, or two of its clauses swapped. */
function nearly(random: Random, word: bigint): bigint {
    const changes = random.below(4);
    if (changes > 0) {
        return Array.from({ length: changes }, () => 1n << BigInt(random.below(256))).reduce((w, bit) => w ^ bit, word);
    }
    const [a, b] = [BigInt(16 * random.below(CLAUSES)), BigInt(16 * random.below(CLAUSES))];
    const difference = ((word >> a) ^ (word >> b)) & 0xffffn;
    return a === b ? word : word ^ (difference << a) ^ (difference << b);
}

/** A word that the given one mostly implies: families dropped, parameters loosened; at times one tightened instead. */
function weakened(random: Random, word: bigint): bigint {
    const policy = decodePolicy(word);
    const dropped = policy.clauses.map((clause) => clause & ~(1 << random.below(FAMILY_COUNT)) || clause);
    const clauses = antichainOf(random.below(3) === 0 ? dropped : policy.clauses);
    const families = clauses.reduce((mask, clause) => mask | clause, 0);
    const optimistic = (families & (1 << FAMILIES.OPTIMISTIC)) !== 0;
    const quorum = (families & (1 << FAMILIES.QUORUM)) !== 0;
    const tighter = random.below(8);
    const flags = policy.flags & random.below(32) & ~1;
    return encodePolicy({
        clauses,
        windowSeconds: optimistic
            ? Math.min(0xffffff, Math.ceil(policy.windowSeconds / 2) * (tighter === 1 ? 3 : 1))
            : 0,
        maxAgeMinutes: tighter === 2 ? 1 + random.below(9) : loosened(random, policy.maxAgeMinutes),
        quorumK: quorum ? Math.min(policy.quorumN, policy.quorumK + (tighter === 3 ? 1 : 0)) : 0,
        quorumN: quorum ? policy.quorumN : 0,
        flags: flags | (policy.flags & 1) | (optimistic ? 1 << FLAGS.REQUIRE_EXACT_INT : 0) | (tighter === 4 ? 16 : 0),
    });
}

/** The same age, a greater one, or any (0). */
function loosened(random: Random, maxAgeMinutes: number): number {
    if (maxAgeMinutes === 0) return 0;
    return random.pick([0, maxAgeMinutes, Math.min(0xffff, maxAgeMinutes + random.below(100))]);
}

/** Masks near the edge of satisfying: a clause, a clause less one family, something more, everything, anything. */
function masksFor(random: Random, word: bigint): number[] {
    const clause = Number((word >> BigInt(16 * random.below(CLAUSES))) & 0xffffn);
    const less = clause & ~(1 << random.below(FAMILY_COUNT));
    return [clause, less, less | (1 << random.below(16)), random.below(0x10000)];
}

function firstOf(words: readonly bigint[]): readonly [bigint, ...bigint[]] {
    return [words[0] ?? 0n, ...words.slice(1)];
}
