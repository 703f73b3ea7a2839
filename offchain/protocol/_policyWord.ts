/** A policy taken apart. Clauses are masks of families that must ALL be present; any one clause suffices. */
export interface Policy {
    clauses: readonly number[];
    /** Optimistic window; non-zero if and only if OPTIMISTIC occurs. */
    windowSeconds: number;
    /** Maximum age of evidence; 0 = any. */
    maxAgeMinutes: number;
    /** k of n executors; zero unless QUORUM occurs. */
    quorumK: number;
    quorumN: number;
    /** Byte of FLAGS bits. */
    flags: number;
}

/** Clauses that fit a word. */
export const MAX_CLAUSES = 12;

/** Takes any word apart, canonical or not. */
export function readPolicy(word: bigint): Policy {
    return {
        clauses: clausesOf(word),
        windowSeconds: field(word, 192, 24),
        maxAgeMinutes: field(word, 216, 16),
        quorumK: field(word, 232, 4),
        quorumN: field(word, 236, 4),
        flags: field(word, 240, 8),
    };
}

/** Clauses up to the first empty one. */
function clausesOf(word: bigint): number[] {
    const slots = allSlots(word);
    const end = slots.indexOf(0);
    return end === -1 ? slots : slots.slice(0, end);
}

/** All twelve clauses, empty ones included. */
export function allSlots(word: bigint): number[] {
    return Array.from({ length: MAX_CLAUSES }, (_, i) => field(word, 16 * i, 16));
}

function field(word: bigint, shift: number, bits: number): number {
    return Number(BigInt.asUintN(bits, word >> BigInt(shift)));
}

/** Mask with the given bits set. */
export function maskOf(bits: readonly number[]): number {
    return bits.reduce((mask, bit) => mask | (1 << bit), 0);
}
