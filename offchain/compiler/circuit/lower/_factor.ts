import { floorDivide, magnitude } from "../../integer/bigMath.ts";
import { type Builder, elementOf } from "../_builder.ts";
import type { Element, LinearCombination } from "../plan.ts";

type Reduction = { builder: Builder; element: Element };

/** The greatest number that divides every weight of a sum; 1 for what is no sum. */
export function weightDivisor(element: Element): bigint {
    return element.kind === "sum" ? divisorOf(element.value) : 1n;
}

/** A sum g * s + c as s + floor(c / g), which is floor of the sum by g and has fewer bits. */
export function dividedBy({ builder, element, divisor }: Reduction & { divisor: bigint }): Element {
    if (element.kind !== "sum" || divisor === 1n) return element;
    const { constant, terms } = element.value;
    const value = {
        constant: floorDivide(constant, divisor),
        terms: terms.map(({ signal, weight }) => ({ signal, weight: weight / divisor })),
    };
    const { lo, hi } = element.bounds;
    return elementOf({ builder, value, known: { lo: floorDivide(lo, divisor), hi: floorDivide(hi, divisor) } });
}

/** A sum and a shift, of which floor(sum / 2^shift) stays the same, without the powers of two of all its weights. */
export function withoutPowers({ builder, element, shift }: Reduction & { shift: number }) {
    const divisor = weightDivisor(element);
    let power = 0;
    while (power < shift && divisor % (2n << BigInt(power)) === 0n) power += 1;
    return { element: dividedBy({ builder, element, divisor: 1n << BigInt(power) }), shift: shift - power };
}

function divisorOf({ terms }: LinearCombination): bigint {
    return terms.reduce((soFar, { weight }) => commonDivisor(soFar, magnitude(weight)), 0n);
}

/** The greatest number that divides both; of 0 and n, n. */
export function commonDivisor(left: bigint, right: bigint): bigint {
    let [high, low] = [left, right];
    while (low !== 0n) [high, low] = [low, high % low];
    return high;
}
