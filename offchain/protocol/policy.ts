import { allSlots, MAX_CLAUSES, maskOf, type Policy, readPolicy } from "./_policyWord.ts";
import { FAMILIES, FLAGS } from "./constants.ts";
import { ProtocolError } from "./errors/ProtocolError.ts";

export { maskOf, type Policy } from "./_policyWord.ts";

/** What is wrong with a policy word, or undefined for a canonical one. */
export type PolicyFault =
    | "version"
    | "no clause"
    | "gap between clauses"
    | "clauses not ascending"
    | "unknown family"
    | "clause implied by another"
    | "window without OPTIMISTIC"
    | "OPTIMISTIC without window"
    | "OPTIMISTIC without REQUIRE_EXACT_INT"
    | "quorum without QUORUM"
    | "quorum out of range"
    | "unknown flag";

const ENCODING_VERSION = 1;
const KNOWN_FAMILIES = maskOf(Object.values(FAMILIES));
const KNOWN_FLAGS = maskOf(Object.values(FLAGS));
const OPTIMISTIC = 1 << FAMILIES.OPTIMISTIC;
const QUORUM = 1 << FAMILIES.QUORUM;
const REQUIRE_EXACT_INT = 1 << FLAGS.REQUIRE_EXACT_INT;
const DISTINCT_TEE_VENDORS = 1 << FLAGS.DISTINCT_TEE_VENDORS;
const UNBUILT_FLAGS = maskOf([FLAGS.DISTINCT_EXECUTOR_KEYS, FLAGS.INCLUDE_BLOCK_HASH]);
/** SGX and TDX come from one vendor. */
const ONE_VENDOR = maskOf([FAMILIES.TEE_SGX, FAMILIES.TEE_TDX]);
const SOFT_CALLBACK = 1 << FLAGS.SOFT_CALLBACK;

/**
 * Whether a word is the one canonical form of a policy.
 *
 * @example
 * isCanonical(PRESETS.SIGNED_AND_ZK); // true
 * isCanonical(0n); // false
 */
export function isCanonical(word: bigint): boolean {
    return policyFault(word) === undefined;
}

/** The first rule of DESIGN section 5 that a word breaks; undefined when it is canonical. */
export function policyFault(word: bigint): PolicyFault | undefined {
    if (word < 0n || word >> 248n !== BigInt(ENCODING_VERSION)) return "version";
    return clausesFault(allSlots(word)) ?? parametersFault(readPolicy(word));
}

/**
 * Whether the families of a present mask meet some clause; looks at the clauses only, not at flags, age or window.
 * Clauses end at the first empty one; only a word that is not canonical has more behind it.
 *
 * @example
 * satisfied(PRESETS.SIGNED_AND_ZK, 0b10001); // true
 * satisfied(PRESETS.SIGNED_AND_ZK, 0b00001); // false
 */
export function satisfied(word: bigint, mask: bigint | number): boolean {
    const present = Number(BigInt(mask) & 0xffffn);
    return readPolicy(word).clauses.some((clause) => (clause & ~present) === 0);
}

/**
 * Whether the families present meet some clause that the policy's flags do not forbid. Flag 1: no clause may hold SGX
 * and TDX together, they are one vendor. Flag 3: no clause at all, unless the model is EXACT_INT.
 */
export function isMet({
    word,
    present,
    exactInt,
}: {
    word: bigint;
    present: bigint | number;
    exactInt: boolean;
}): boolean {
    return meetable({ word, possible: present, exactInt }) !== 0;
}

/** Which clauses families can meet, flags considered: bit i is set for clause i. For canonical words. */
export function meetable({
    word,
    possible,
    exactInt,
}: {
    word: bigint;
    possible: bigint | number;
    exactInt: boolean;
}): number {
    const { clauses, flags } = readPolicy(word);
    const families = Number(BigInt(possible) & 0xffffn);
    const forbidden = (clause: number): boolean =>
        ((flags & REQUIRE_EXACT_INT) !== 0 && !exactInt) ||
        ((flags & DISTINCT_TEE_VENDORS) !== 0 && (clause & ONE_VENDOR) === ONE_VENDOR);
    return maskOf(clauses.flatMap((clause, i) => ((clause & ~families) === 0 && !forbidden(clause) ? [i] : [])));
}

/**
 * Whether everything that meets `p` also meets `floor`: every clause of p contains a clause of floor, window and k are
 * not smaller, age is not larger (0 = infinite), flags 1 to 4 are kept, flag 0 is not added. A word that is not
 * canonical is no policy: it implies nothing and nothing implies it.
 *
 * @example
 * implies(PRESETS.SIGNED_AND_ZK, PRESETS.ZK); // true
 * implies(PRESETS.ZK, PRESETS.SIGNED_AND_ZK); // false
 */
export function implies(p: bigint, floor: bigint): boolean {
    if (!isCanonical(p) || !isCanonical(floor)) return false;
    const [asked, least] = [readPolicy(p), readPolicy(floor)];
    const kept = KNOWN_FLAGS & ~SOFT_CALLBACK;
    return (
        asked.clauses.every((clause) => satisfied(floor, clause)) &&
        asked.windowSeconds >= least.windowSeconds &&
        (least.maxAgeMinutes === 0 || (asked.maxAgeMinutes !== 0 && asked.maxAgeMinutes <= least.maxAgeMinutes)) &&
        asked.quorumK >= least.quorumK &&
        (least.flags & kept & ~asked.flags) === 0 &&
        (asked.flags & SOFT_CALLBACK & ~least.flags) === 0
    );
}

/** Whether a policy asks for something that is not built yet: OPTIMISTIC, QUORUM, flags 2 and 4. */
export function isUnavailable(word: bigint): boolean {
    const { clauses, flags } = readPolicy(word);
    return (flags & UNBUILT_FLAGS) !== 0 || clauses.some((clause) => (clause & (OPTIMISTIC | QUORUM)) !== 0);
}

/**
 * Packs a policy into its word, sorting clauses; throws POLICY_NOT_CANONICAL when no canonical word exists.
 *
 * @example
 * encodePolicy({ clauses: [1 << FAMILIES.ZK_GROTH16] }) === PRESETS.ZK; // true
 */
export function encodePolicy(policy: Partial<Policy> & Pick<Policy, "clauses">): bigint {
    const { clauses, windowSeconds = 0, maxAgeMinutes = 0, quorumK = 0, quorumN = 0, flags = 0 } = policy;
    const sorted = [...clauses].sort((a, b) => a - b);
    if (sorted.length > MAX_CLAUSES) throw notCanonical(`${sorted.length} clauses, at most ${MAX_CLAUSES}.`);
    const word =
        sorted.reduce((packed, clause, i) => packed | place(clause, 16 * i, 16), 0n) |
        place(windowSeconds, 192, 24) |
        place(maxAgeMinutes, 216, 16) |
        place(quorumK, 232, 4) |
        place(quorumN, 236, 4) |
        place(flags, 240, 8) |
        place(ENCODING_VERSION, 248, 8);
    const fault = policyFault(word);
    if (fault !== undefined) throw notCanonical(`Fault: ${fault}.`);
    return word;
}

/** Takes a canonical word apart; throws POLICY_NOT_CANONICAL. */
export function decodePolicy(word: bigint): Policy {
    const fault = policyFault(word);
    if (fault !== undefined) throw notCanonical(`Word 0x${word.toString(16)}: ${fault}.`);
    return readPolicy(word);
}

function clausesFault(slots: readonly number[]): PolicyFault | undefined {
    const clauses = slots.filter((slot) => slot !== 0);
    if (clauses.length === 0) return "no clause";
    if (slots.slice(0, clauses.length).includes(0)) return "gap between clauses";
    if (clauses.some((clause) => (clause & ~KNOWN_FAMILIES) !== 0)) return "unknown family";
    if (clauses.some((clause, i) => i > 0 && clause <= (clauses[i - 1] ?? 0))) return "clauses not ascending";
    const implied = clauses.some((clause, i) => clauses.some((other, j) => i !== j && (other & ~clause) === 0));
    return implied ? "clause implied by another" : undefined;
}

function parametersFault(policy: Policy): PolicyFault | undefined {
    const families = policy.clauses.reduce((all, clause) => all | clause, 0);
    if ((policy.flags & ~KNOWN_FLAGS) !== 0) return "unknown flag";
    if ((families & OPTIMISTIC) === 0 && policy.windowSeconds !== 0) return "window without OPTIMISTIC";
    if ((families & OPTIMISTIC) !== 0) {
        if (policy.windowSeconds === 0) return "OPTIMISTIC without window";
        if ((policy.flags & REQUIRE_EXACT_INT) === 0) return "OPTIMISTIC without REQUIRE_EXACT_INT";
    }
    if ((families & QUORUM) === 0) return policy.quorumK + policy.quorumN === 0 ? undefined : "quorum without QUORUM";
    return policy.quorumK >= 1 && policy.quorumK <= policy.quorumN ? undefined : "quorum out of range";
}

function notCanonical(message: string): ProtocolError {
    return new ProtocolError({ code: "POLICY_NOT_CANONICAL", message });
}

function place(value: number, shift: number, bits: number): bigint {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits) {
        throw notCanonical(`${value} does not fit ${bits} bits.`);
    }
    return BigInt(value) << BigInt(shift);
}
