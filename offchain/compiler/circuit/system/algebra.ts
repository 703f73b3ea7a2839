import type { LinearCombination } from "../plan.ts";
import type { Wire } from "./r1cs.ts";

/** A number. */
export function constant(value: bigint): LinearCombination {
    return { constant: value, terms: [] };
}

/** weight * wire. */
export function times(wire: Wire, weight = 1n): LinearCombination {
    return { constant: 0n, terms: [{ signal: wire, weight }] };
}

/** value + number. */
export function shifted(value: LinearCombination, by: bigint): LinearCombination {
    return { constant: value.constant + by, terms: value.terms };
}

/** factor * value. */
export function scaled(value: LinearCombination, factor: bigint): LinearCombination {
    const terms = value.terms.map(({ signal, weight }) => ({ signal, weight: factor * weight }));
    return { constant: factor * value.constant, terms };
}

/** Sum of all; a wire may stand in several of them. */
export function sumOf(values: readonly LinearCombination[]): LinearCombination {
    return {
        constant: values.reduce((sum, { constant }) => sum + constant, 0n),
        terms: values.flatMap(({ terms }) => terms),
    };
}
