const STATE_BITS = 80;
/** Positions of the state whose sum is the next bit. */
const TAPS = [62, 51, 38, 23, 13, 0] as const;
const WARM_UP_STEPS = 160;

/** What the generator of Poseidon's parameters is started with. */
type Instance = { fieldBits: number; width: number; fullRounds: number; partialRounds: number };

/**
 * The Grain generator of the Poseidon paper (appendix F) over a prime field with the S-box x^5: numbers of `fieldBits`
 * bits, one after the other. Nobody chooses Poseidon's constants: they are what this gives.
 */
export function createGrain({ fieldBits, width, fullRounds, partialRounds }: Instance): () => bigint {
    const PRIME_FIELD = 1;
    const POWER_SBOX = 0;
    const text = [
        binary(PRIME_FIELD, 2),
        binary(POWER_SBOX, 4),
        binary(fieldBits, 12),
        binary(width, 12),
        binary(fullRounds, 10),
        binary(partialRounds, 10),
        "1".repeat(30),
    ].join("");
    const state = Uint8Array.from([...text].map(Number));
    let start = 0;

    function step(): number {
        const bit = TAPS.reduce<number>((sum, tap) => sum ^ (state[(start + tap) % STATE_BITS] ?? 0), 0);
        state[start] = bit;
        start = (start + 1) % STATE_BITS;
        return bit;
    }

    /** The second of a pair of bits whose first is 1. */
    function keptBit(): number {
        while (step() === 0) step();
        return step();
    }

    for (let i = 0; i < WARM_UP_STEPS; i++) step();
    return () => BigInt(`0b${Array.from({ length: fieldBits }, keptBit).join("")}`);
}

function binary(value: number, bits: number): string {
    return value.toString(2).padStart(bits, "0");
}
