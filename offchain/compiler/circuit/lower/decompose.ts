import { at } from "../../integer/at.ts";
import { bitLength, floorDivide, greatestOf } from "../../integer/bigMath.ts";
import { asCombination, type Builder, elementsOf } from "../_builder.ts";
import { weightedSum } from "../combination.ts";
import type { Digits } from "../digits.ts";
import type { Element, LinearCombination } from "../plan.ts";

/** What the digits are wanted for. */
export type Purpose = {
    /** The base is a multiple of 2^shift: the bits above the lowest `shift` are those of floor(x / 2^shift). */
    shift?: number;
    /** A multiple of 2^shift. Blocks of a power of two from here on are told by the highest bits. */
    anchor?: bigint;
    /** The digits select among as many places as they can write: known ones must not be much wider than the bounds. */
    isSelection?: boolean;
};

/** Bits that known digits may have beyond their bounds to select by them. */
const MOST_SPARE_BITS = 4;

type Decomposition = { builder: Builder; element: Element; purpose?: Purpose };

/** Digits of an element that serve a purpose: those that are known, else bits of its own, one constraint each. */
export function decompose({ builder, element, purpose = {} }: Decomposition): Digits {
    if (element.kind === "constant") return { base: element.value, bits: [] };
    const known = builder.notes.digitsOf(element);
    const { lo, hi } = builder.boundsOf(element);
    if (known !== undefined && serves({ digits: known, purpose, width: bitLength(hi - lo) })) return known;
    const base = baseFor({ lo, hi, purpose });
    const digits = { base, bits: bitsAbove({ builder, element, base, count: bitLength(hi - base) }) };
    builder.notes.noteDigits(element, digits);
    return digits;
}

type Serving = { digits: Digits; purpose: Purpose; width: number };

/** Whether known digits do: comparing them with an anchor costs less than other digits. */
function serves({ digits: { base, bits }, purpose: { shift = 0, isSelection = false }, width }: Serving): boolean {
    const isNarrow = !isSelection || bits.length <= width + MOST_SPARE_BITS;
    return isNarrow && base % (1n << BigInt(shift)) === 0n;
}

function baseFor({ lo, hi, purpose: { shift = 0, anchor } }: { lo: bigint; hi: bigint; purpose: Purpose }): bigint {
    if (anchor === undefined) return alignedBase({ lo, hi, shift });
    if (lo >= anchor) return anchor;
    const power = Math.max(shift, bitLength(greatestOf([anchor - lo - 1n, hi - anchor])));
    return anchor - (1n << BigInt(power));
}

/** Of the bases that need the fewest bits, the one that is a multiple of the highest power of two. */
function alignedBase({ lo, hi, shift }: { lo: bigint; hi: bigint; shift: number }): bigint {
    const aligned = (power: number) => floorDivide(lo, 1n << BigInt(power)) << BigInt(power);
    const width = bitLength(hi - aligned(shift));
    let power = shift;
    while (power < width && bitLength(hi - aligned(power + 1)) <= width) power += 1;
    return aligned(power);
}

type Bits = { builder: Builder; element: Element; base: bigint; count: number };

/** Bits of x - base, which lies in [0, 2^count); one bit is the difference itself. */
function bitsAbove({ builder, element, base, count }: Bits): LinearCombination[] {
    const [settled] = count > 1 ? builder.settle([element]) : [element];
    if (settled === undefined) throw new RangeError("One element was settled");
    const upper = count > 1 ? upperBits({ builder, element: settled, base, count }) : [];
    const parts = upper.map((value, index) => ({ value, weight: -(1n << BigInt(index + 1)) }));
    const low = weightedSum({ constant: -base, parts: [{ value: asCombination(settled), weight: 1n }, ...parts] });
    return count === 0 ? [] : [low, ...upper];
}

function upperBits({ builder, element, base, count }: Bits): LinearCombination[] {
    const bounds = new Array(count - 1).fill({ lo: 0n, hi: 1n });
    const array = builder.declare({ name: "bits", bounds });
    if (element.kind === "sum") throw new RangeError("A gadget takes signals");
    builder.gadget({
        gadget: { template: "Bits", min: base, bits: count },
        inputs: [element],
        output: { kind: "array", array },
    });
    return elementsOf(array).map(asCombination);
}

/** base + sum of 2^i * bits[i]. */
export function numberOf({ base, bits }: Digits): LinearCombination {
    return weightedSum({ constant: base, parts: bits.map((value, index) => ({ value, weight: 1n << BigInt(index) })) });
}

/** The lowest `count` bits, counted from a multiple of 2^count. */
export function lowest({ bits }: Digits, count: number): readonly LinearCombination[] {
    return bits.slice(0, count);
}

/** Digits of floor(x / 2^shift), where the base is a multiple of 2^shift. */
export function shiftedRight({ base, bits }: Digits, shift: number): Digits {
    return { base: base >> BigInt(shift), bits: bits.slice(shift) };
}

/** Bit number `index`, as 0 beyond the highest. */
export function bitAt({ bits }: Digits, index: number): LinearCombination {
    return index < bits.length ? at(bits, index) : { constant: 0n, terms: [] };
}
