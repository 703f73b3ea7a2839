import { at } from "../../integer/at.ts";
import type { LinearCombination } from "../plan.ts";
import { shifted, sumOf, times } from "../system/algebra.ts";
import type { SystemBuilder } from "../system/builder.ts";
import type { Wire } from "../system/r1cs.ts";

/** value * (value - 1) === 0. */
export function requireBoolean({ system, value }: { system: SystemBuilder; value: LinearCombination }): void {
    system.constrain({ left: value, right: shifted(value, -1n), equals: { constant: 0n, terms: [] } });
}

type Bits = {
    system: SystemBuilder;
    /** bits[i - 1] has weight 2^i, i = 1 … ; a hint of the caller gives their values. */
    bits: readonly Wire[];
    value: LinearCombination;
};

/**
 * 0 <= value < 2^(number of bits + 1), by boolean bits: the lowest is what remains of the value, not a wire. Gives the
 * lowest.
 */
export function decompose({ system, bits, value }: Bits): LinearCombination {
    for (const bit of bits) requireBoolean({ system, value: times(bit) });
    const low = sumOf([value, ...bits.map((bit, index) => times(bit, -(1n << BigInt(index + 1))))]);
    requireBoolean({ system, value: low });
    return low;
}

/** Bits `from` … `from + count - 1` of a value; of a negative one, in two's complement. */
export function bitsOf({ value, from, count }: { value: bigint; from: number; count: number }): bigint[] {
    let rest = value >> BigInt(from);
    return Array.from({ length: count }, () => {
        const bit = rest & 1n;
        rest >>= 1n;
        return bit;
    });
}

/** The digits of a value: bit i of `bits` for i > 0, what remains for i = 0. */
export function digitAt({ low, bits, index }: { low: LinearCombination; bits: readonly Wire[]; index: number }) {
    return index === 0 ? low : times(at(bits, index - 1));
}
