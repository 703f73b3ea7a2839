import { at } from "../../integer/at.ts";
import { bitLength, greatestOf, magnitude } from "../../integer/bigMath.ts";
import type { Bounds } from "../../integer/interval.ts";
import { argMaxLines } from "../../integer/ops/argMax.ts";
import type { ArgMaxNode } from "../../integer/types.ts";
import type { Builder } from "../_builder.ts";
import type { Element, LinearCombination, SignalId } from "../plan.ts";

type Lowering = { builder: Builder; node: ArgMaxNode; inputs: Element[]; bounds: Bounds[] };

/** One tournament for each line of the axis. */
export function lowerArgMax({ builder, node, inputs, bounds }: Lowering): Element[] {
    const index = builder.declare({ name: "index", bounds });
    return argMaxLines(node).map((positions, output) => {
        const target = index.first + output;
        const { lo, hi } = at(bounds, output);
        if (lo === hi) return builder.alias({ target, element: { kind: "constant", value: lo } });
        const copied = positions.map((position) => at(inputs, position));
        const line = withoutConstantStart({ builder, line: withoutCopies({ builder, line: copied }) });
        const bits = Math.max(1, bitLength(greatestDifference({ builder, line })));
        builder.gadget({ gadget: { template: "ArgMax", count: line.length, bits }, inputs: [line], outputs: [target] });
        return { kind: "signal", signal: target };
    });
}

/**
 * The second of two equal signals never wins, nor does it when it is one less; but then their difference is not the
 * constant 0, with which the circuit compiler would simplify constraints away and miss the planned count.
 */
function withoutCopies({ builder, line }: { builder: Builder; line: Element[] }): Element[] {
    const seen = new Set<SignalId>();
    return line.map((element) => {
        if (element.kind === "constant" || !seen.has(element.signal)) {
            if (element.kind === "signal") seen.add(element.signal);
            return element;
        }
        const value = sumOf({ left: plainSum(element), right: plainSum({ kind: "constant", value: -1n }) });
        const array = builder.declare({ name: "copy", bounds: [boundsOfSum({ builder, value })] });
        return builder.sum({ target: array.first, value });
    });
}

/** What is added to every element, times; not 1, for a plain copy of a signal would be simplified away again. */
const SHIFT_WEIGHT = 3n;

/**
 * A tournament that opens with two constants would lose constraints to the circuit compiler's simplification, and the
 * count would not be the planned one; adding one signal to every element changes no comparison.
 */
function withoutConstantStart({ builder, line }: { builder: Builder; line: Element[] }): Element[] {
    const [first, second] = line;
    const shift = line.find((element) => element.kind === "signal");
    if (first?.kind !== "constant" || second?.kind !== "constant" || shift === undefined) return line;
    const added = { constant: 0n, terms: [{ signal: shift.signal, weight: SHIFT_WEIGHT }] };
    const values = line.map((element) => sumOf({ left: plainSum(element), right: added }));
    const bounds = values.map((value) => boundsOfSum({ builder, value }));
    const array = builder.declare({ name: "shifted", bounds });
    return values.map((value, index) => builder.sum({ target: array.first + index, value }));
}

/** Pairs of long sums are not compared term by term beyond this much work. */
const MOST_TERM_PAIRS = 20_000_000;

/**
 * The greatest |x_i - x_j|. Sums over the same signals mostly cancel, so their difference is bounded as a sum of its
 * own, by the weights' differences; otherwise by the elements' intervals.
 */
function greatestDifference({ builder, line }: { builder: Builder; line: Element[] }): bigint {
    const sums = line.map((element) => asSum({ builder, element }));
    const work = line.length * sums.reduce((total, { terms }) => total + terms.length, 0);
    const expanded = work <= MOST_TERM_PAIRS ? sums : line.map(plainSum);
    const differences: bigint[] = [];
    for (const [index, left] of expanded.entries()) {
        for (const right of expanded.slice(index + 1)) differences.push(reachOfDifference({ builder, left, right }));
    }
    return greatestOf(differences);
}

function asSum({ builder, element }: { builder: Builder; element: Element }): LinearCombination {
    const definition = element.kind === "signal" ? builder.definitionOf(element.signal) : undefined;
    return definition ?? plainSum(element);
}

function plainSum(element: Element): LinearCombination {
    if (element.kind === "constant") return { constant: element.value, terms: [] };
    return { constant: 0n, terms: [{ signal: element.signal, weight: 1n }] };
}

type Pair = { builder: Builder; left: LinearCombination; right: LinearCombination };

function reachOfDifference({ builder, left, right }: Pair): bigint {
    const negated = {
        constant: -right.constant,
        terms: right.terms.map(({ signal, weight }) => ({ signal, weight: -weight })),
    };
    const { lo, hi } = boundsOfSum({ builder, value: sumOf({ left, right: negated }) });
    return greatestOf([magnitude(lo), magnitude(hi)]);
}

function sumOf({ left, right }: { left: LinearCombination; right: LinearCombination }): LinearCombination {
    const weights = new Map(left.terms.map(({ signal, weight }) => [signal, weight]));
    for (const { signal, weight } of right.terms) weights.set(signal, (weights.get(signal) ?? 0n) + weight);
    const terms = [...weights].map(([signal, weight]) => ({ signal, weight }));
    return { constant: left.constant + right.constant, terms: terms.filter(({ weight }) => weight !== 0n) };
}

function boundsOfSum({ builder, value }: { builder: Builder; value: LinearCombination }): Bounds {
    let [lo, hi] = [value.constant, value.constant];
    for (const { signal, weight } of value.terms) {
        const { lo: least, hi: greatest } = at(builder.signals, signal).bounds;
        lo += weight * (weight > 0n ? least : greatest);
        hi += weight * (weight > 0n ? greatest : least);
    }
    return { lo, hi };
}
