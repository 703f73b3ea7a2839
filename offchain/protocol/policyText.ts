import { FAMILIES, FLAGS, familyName, PRESENT_BITS } from "./constants.ts";
import { ProtocolError } from "./errors/ProtocolError.ts";
import { isHex } from "./hex.ts";
import { decodePolicy, encodePolicy, maskOf, policyFault } from "./policy.ts";
import constants from "./tables/constants.json" with { type: "json" };

interface PresetRow {
    clauses: readonly (readonly string[])[];
    windowSeconds?: number;
    quorumK?: number;
    quorumN?: number;
    flags?: readonly string[];
}

const { presets } = constants;

/** Policy words by preset name. */
export const PRESETS = {
    SIGNED: presetWord(presets.SIGNED),
    TEE: presetWord(presets.TEE),
    ZK: presetWord(presets.ZK),
    TEE_AND_ZK: presetWord(presets.TEE_AND_ZK),
    SIGNED_AND_ZK: presetWord(presets.SIGNED_AND_ZK),
    SIGNED_AND_TEE: presetWord(presets.SIGNED_AND_TEE),
    ZK_OR_TWO_TEE_VENDORS: presetWord(presets.ZK_OR_TWO_TEE_VENDORS),
    LAZY_ZK: presetWord(presets.LAZY_ZK),
    ATTESTED_LAZY_ZK: presetWord(presets.ATTESTED_LAZY_ZK),
    TWO_OF_THREE: presetWord(presets.TWO_OF_THREE),
    QUORUM_3_OF_5: presetWord(presets.QUORUM_3_OF_5),
} as const satisfies Record<keyof typeof presets, bigint>;

export type PresetName = keyof typeof PRESETS;

/**
 * Reads a policy from a preset name or a hex word; throws POLICY_UNKNOWN or POLICY_NOT_CANONICAL.
 *
 * @example
 * policyFromText("SIGNED_AND_ZK") === PRESETS.SIGNED_AND_ZK; // true
 */
export function policyFromText(text: string): bigint {
    const preset = Object.entries(PRESETS).find(([name]) => name === text.toUpperCase());
    if (preset) return preset[1];
    if (!isHex(text) || text.length > 66 || text.length < 4) {
        throw new ProtocolError({
            code: "POLICY_UNKNOWN",
            message: `"${text.slice(0, 80)}" is neither a preset nor a policy word; presets: ${Object.keys(PRESETS).join(", ")}.`,
        });
    }
    const word = BigInt(text);
    const fault = policyFault(word);
    if (fault !== undefined) throw new ProtocolError({ code: "POLICY_NOT_CANONICAL", message: `Fault: ${fault}.` });
    return word;
}

/** Name of the preset that has this word, if any. */
export function presetOf(word: bigint): string | undefined {
    return Object.entries(PRESETS).find(([, preset]) => preset === word)?.[0];
}

/**
 * A policy in words: its clauses and what else it demands.
 *
 * @example
 * describePolicy(PRESETS.TEE_AND_ZK | (5n << 216n)).endsWith("evidence at most 5 min old"); // true
 */
export function describePolicy(word: bigint): string {
    const policy = decodePolicy(word);
    const clauses = policy.clauses.map((clause) => familiesOf(clause).map(familyName).join(" and "));
    const flags = Object.entries(FLAGS)
        .filter(([, bit]) => (policy.flags & (1 << bit)) !== 0)
        .map(([name]) => name);
    return [
        clauses.length === 1 ? clauses[0] : clauses.map((clause) => `(${clause})`).join(" or "),
        policy.windowSeconds > 0 ? `challenge window ${policy.windowSeconds} s` : undefined,
        policy.maxAgeMinutes > 0 ? `evidence at most ${policy.maxAgeMinutes} min old` : undefined,
        policy.quorumK > 0 ? `quorum ${policy.quorumK} of ${policy.quorumN}` : undefined,
        ...flags,
    ]
        .filter((part) => part !== undefined)
        .join("; ");
}

/**
 * A present mask in words: the families that verified, and loudly what was simulated or a development setup.
 *
 * @example
 * describePresent(0b0100000000010001); // "SIGNED + ZK_GROTH16 + DEVELOPMENT!"
 */
export function describePresent(mask: bigint | number): string {
    const present = Number(BigInt(mask) & 0xffffn);
    const names = familiesOf(present & ~maskOf(Object.values(PRESENT_BITS))).map(familyName);
    const loud = Object.entries(PRESENT_BITS)
        .filter(([, bit]) => (present & (1 << bit)) !== 0)
        .map(([name]) => `${name}!`);
    return [...names, ...loud].join(" + ") || "nothing";
}

/** Family bits of a clause or mask, ascending. */
export function familiesOf(mask: number): number[] {
    return Array.from({ length: 16 }, (_, bit) => bit).filter((bit) => (mask & (1 << bit)) !== 0);
}

function presetWord(row: PresetRow): bigint {
    return encodePolicy({
        clauses: row.clauses.map((names) => maskOf(bitsOf(names, FAMILIES))),
        windowSeconds: row.windowSeconds ?? 0,
        quorumK: row.quorumK ?? 0,
        quorumN: row.quorumN ?? 0,
        flags: maskOf(bitsOf(row.flags ?? [], FLAGS)),
    });
}

function bitsOf(names: readonly string[], table: Record<string, number>): number[] {
    return names.map((name) => {
        const bit = table[name];
        if (bit === undefined)
            throw new ProtocolError({ code: "POLICY_UNKNOWN", message: `"${name}" is no name of a family or flag.` });
        return bit;
    });
}
