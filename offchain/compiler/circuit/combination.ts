import { at } from "../integer/at.ts";
import type { Bounds } from "../integer/interval.ts";
import type { LinearCombination, Signal, SignalId } from "./plan.ts";

/** A sum of weighted combinations plus a constant; terms of one signal are joined, zero terms are gone. */
export function weightedSum({
    constant = 0n,
    parts,
}: {
    constant?: bigint;
    parts: Iterable<{ value: LinearCombination; weight: bigint }>;
}): LinearCombination {
    const weights = new Map<SignalId, bigint>();
    let total = constant;
    for (const { value, weight } of parts) {
        total += weight * value.constant;
        for (const term of value.terms) {
            weights.set(term.signal, (weights.get(term.signal) ?? 0n) + weight * term.weight);
        }
    }
    const terms = [...weights].map(([signal, weight]) => ({ signal, weight }));
    return { constant: total, terms: terms.filter(({ weight }) => weight !== 0n) };
}

/** left - right. */
export function difference({ left, right }: { left: LinearCombination; right: LinearCombination }): LinearCombination {
    return weightedSum({
        parts: [
            { value: left, weight: 1n },
            { value: right, weight: -1n },
        ],
    });
}

/** Exact bounds of a sum over signals that vary independently. */
export function boundsOfSum({ signals, value }: { signals: readonly Signal[]; value: LinearCombination }): Bounds {
    let [lo, hi] = [value.constant, value.constant];
    for (const { signal, weight } of value.terms) {
        const { lo: least, hi: greatest } = at(signals, signal).bounds;
        lo += weight * (weight > 0n ? least : greatest);
        hi += weight * (weight > 0n ? greatest : least);
    }
    return { lo, hi };
}
