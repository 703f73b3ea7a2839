import { FIELD_ORDER } from "@assay/protocol";
import { at } from "../../../integer/at.ts";
import { greatestOf, leastOf } from "../../../integer/bigMath.ts";
import type { LinearCombination } from "../../plan.ts";
import type { Equation, Facts } from "./_facts.ts";
import { combined, type Range, rest, weightOf } from "./_forms.ts";
import { valueOfWire } from "./_product.ts";
import { isMetOnce } from "./_twoValues.ts";

/** Bits that never ascend, each 0 or the one before it; the first of them first. */
type Chain = readonly number[];
/** Where `key` lies when the first j bits of the chain are ones, j = 0 …; undefined where it cannot. */
type Ladder = { chain: Chain; key: LinearCombination; steps: readonly (Range | undefined)[] };

/**
 * Thermometers: two equations say key - floor(c) = a small number and ceiling(c) - 1 - key = a small number of the bits c
 * of a chain. Whatever the number of ones, the key lies in one of several ranges that do not meet, so it determines c.
 */
export function useLadder({ facts, equation }: { facts: Facts; equation: Equation }): void {
    for (const ladder of laddersOf({ facts, equation })) {
        const [wire, ...others] = facts.unknownIn(ladder.key);
        if (others.length > 0) continue;
        if (wire === undefined) for (const bit of ladder.chain) facts.learnKnown(bit);
        else useKeyOfTwo({ facts, ladder, wire });
    }
}

type Pair = { facts: Facts; equation: Equation };

function laddersOf({ facts, equation }: Pair): Ladder[] {
    if (!equation.isExact) return [];
    const bits = facts.unknownIn(equation.form).filter((wire) => isBit({ facts, wire }));
    const partners = new Set(bits.flatMap((wire) => facts.equationsOf(wire)));
    partners.delete(equation);
    return [...partners].flatMap((partner) => ladderOf({ facts, floor: equation, ceiling: partner }) ?? []);
}

type Two = { facts: Facts; floor: Equation; ceiling: Equation };

function ladderOf({ facts, floor, ceiling }: Two): Ladder | undefined {
    if (!ceiling.isExact) return undefined;
    const inCeiling = new Map(ceiling.form.terms.map(({ signal, weight }) => [signal, weight]));
    const shared = floor.form.terms.filter(({ signal }) => inCeiling.has(signal));
    const isChained = ({ signal }: { signal: number }) => !facts.isKnown(signal) && isBit({ facts, wire: signal });
    const chain = inOrder({ facts, wires: shared.filter(isChained).map(({ signal }) => signal) });
    const keyTerms = shared.filter((term) => !isChained(term));
    const isOpposed = keyTerms.every(({ signal, weight }) => inCeiling.get(signal) === -weight);
    if (chain === undefined || keyTerms.length === 0 || !isOpposed) return undefined;
    const key = { constant: 0n, terms: keyTerms };
    const fromFloor = stepsOf({ facts, form: floor.form, key, chain, sign: -1n });
    const fromCeiling = stepsOf({ facts, form: ceiling.form, key, chain, sign: 1n });
    if (fromFloor === undefined || fromCeiling === undefined) return undefined;
    const ends = [...fromFloor, ...fromCeiling].flatMap(({ lo, hi }) => [lo, hi]);
    if (greatestOf(ends) - leastOf(ends) >= FIELD_ORDER) return undefined;
    const steps = fromFloor.map((range, index) => meet(range, at(fromCeiling, index)));
    return areApart(steps) ? { chain, key, steps } : undefined;
}

type Steps = { facts: Facts; form: LinearCombination; key: LinearCombination; chain: Chain; sign: bigint };

/** Ranges of the key for each number of ones, as one equation has them: form = -sign * key + chain + others = 0. */
function stepsOf({ facts, form, key, chain, sign }: Steps): Range[] | undefined {
    const keys = new Set([...key.terms.map(({ signal }) => signal), ...chain]);
    const others = { constant: form.constant, terms: form.terms.filter(({ signal }) => !keys.has(signal)) };
    if (others.terms.some(({ signal }) => facts.isKnown(signal))) return undefined;
    const range = facts.rangeOfForm(others);
    if (range === undefined) return undefined;
    let ones = 0n;
    return [undefined, ...chain].map((wire) => {
        if (wire !== undefined) ones += weightOf({ form, wire });
        const [first, second] = [sign * (range.lo + ones), sign * (range.hi + ones)];
        return { lo: leastOf([first, second]), hi: greatestOf([first, second]) };
    });
}

/**
 * A key that is one of two values, by a bit of its own chain: key = first where the bit is 0, second where it is 1. Both
 * add up to one number, and no value that fits the lower steps has a mirror image that fits the upper ones.
 */
function useKeyOfTwo({
    facts,
    ladder: { chain, key, steps },
    wire,
}: {
    facts: Facts;
    ladder: Ladder;
    wire: number;
}): void {
    for (const { left, right, equals } of facts.productsOf(wire)) {
        for (const [factor, bitForm] of [
            [left, right],
            [right, left],
        ] as const) {
            const [term, ...more] = bitForm.terms;
            const position = chain.indexOf(term?.signal ?? -1);
            if (term?.weight !== 1n || more.length > 0 || bitForm.constant !== 0n || position === -1) continue;
            if ([factor, rest({ form: equals, wire })].some((form) => facts.unknownIn(form).length > 0)) continue;
            const first = valueOfWire({ form: equals, wire });
            const second = valueOfWire({
                form: combined([
                    { form: equals, factor: 1n },
                    { form: factor, factor: -1n },
                ]),
                wire,
            });
            if (first === undefined || second === undefined) continue;
            const others = rest({ form: key, wire });
            const image = (value: LinearCombination) => ({ form: value, factor: weightOf({ form: key, wire }) });
            const sum = combined([image(first), image(second), { form: others, factor: 2n }]);
            const [lower, upper] = [hullOf(steps.slice(0, position + 1)), hullOf(steps.slice(position + 1))];
            if (sum.terms.length > 0 || lower === undefined || upper === undefined) continue;
            if (!isMetNever({ first: lower, second: upper, sum: sum.constant })) continue;
            for (const decided of [wire, ...chain]) facts.learnKnown(decided);
        }
    }
}

function isMetNever(ranges: { first: Range; second: Range; sum: bigint }): boolean {
    const { first, second, sum } = ranges;
    return isMetOnce(ranges) && (first.hi < sum - second.hi || first.lo > sum - second.lo);
}

function isBit({ facts, wire }: { facts: Facts; wire: number }): boolean {
    const range = facts.rangeOf(wire);
    return range?.lo === 0n && range.hi === 1n;
}

/** Wires as a chain, each the only one that follows the one before; undefined when they are none. */
function inOrder({ facts, wires }: { facts: Facts; wires: readonly number[] }): Chain | undefined {
    const before = new Map(wires.map((wire) => [wire, wires.find((other) => isLink({ facts, wire, before: other }))]));
    const next = new Map([...before].map(([wire, other]) => [other, wire]));
    const chain: number[] = [];
    for (let wire = next.get(undefined); wire !== undefined && chain.length < wires.length; wire = next.get(wire)) {
        chain.push(wire);
    }
    return wires.length > 0 && chain.length === wires.length ? chain : undefined;
}

/** Whether wire * (before - wire) = 0 is one of the products. */
function isLink({ facts, wire, before }: { facts: Facts; wire: number; before: number }): boolean {
    if (wire === before) return false;
    return facts.productsOf(wire).some(({ left, right, equals }) => {
        if (equals.terms.length > 0 || equals.constant !== 0n) return false;
        return [
            [left, right],
            [right, left],
        ].some(([own, link]) => {
            const isOwn = own?.terms.length === 1 && own.constant === 0n && own.terms[0]?.signal === wire;
            if (!isOwn || link?.terms.length !== 2 || link.constant !== 0n) return false;
            return (
                weightOf({ form: link, wire: before }) === -weightOf({ form: link, wire }) &&
                weightOf({ form: link, wire }) !== 0n
            );
        });
    });
}

function meet(left: Range, right: Range): Range | undefined {
    const [lo, hi] = [greatestOf([left.lo, right.lo]), leastOf([left.hi, right.hi])];
    return lo <= hi ? { lo, hi } : undefined;
}

function hullOf(ranges: readonly (Range | undefined)[]): Range | undefined {
    const all = ranges.flatMap((range) => range ?? []);
    if (all.length === 0) return undefined;
    return { lo: leastOf(all.map(({ lo }) => lo)), hi: greatestOf(all.map(({ hi }) => hi)) };
}

/** Whether no two of the ranges meet. */
function areApart(ranges: readonly (Range | undefined)[]): boolean {
    const sorted = ranges.flatMap((range) => range ?? []).sort((left, right) => (left.lo < right.lo ? -1 : 1));
    return sorted.every(({ lo }, index) => index === 0 || lo > at(sorted, index - 1).hi);
}
