import { at } from "../../integer/at.ts";
import { bitLength, greatestOf, leastOf, magnitude } from "../../integer/bigMath.ts";
import type { Bounds } from "../../integer/interval.ts";
import { argMaxLines } from "../../integer/ops/argMax.ts";
import type { ArgMaxNode } from "../../integer/types.ts";
import { asCombination, type Builder, elementOf } from "../_builder.ts";
import { boundsOfSum, difference, weightedSum } from "../combination.ts";
import type { Element, LinearCombination, SignalId } from "../plan.ts";

type Lowering = { builder: Builder; node: ArgMaxNode; inputs: Element[]; bounds: Bounds[] };

/** One tournament for each line of the axis. */
export function lowerArgMax({ builder, node, inputs, bounds }: Lowering): Element[] {
    return argMaxLines(node).map((positions, output) => {
        const known = at(bounds, output);
        if (known.lo === known.hi) return { kind: "constant", value: known.lo };
        const settled = builder.settle(positions.map((position) => at(inputs, position)));
        const line = withoutConstantStart({ builder, line: withoutCopies({ builder, line: settled }) });
        const bits = Math.max(1, bitLength(greatestDifference({ builder, line })));
        const index = { kind: "signal", signal: builder.declare({ name: "index", bounds: [known] }).first } as const;
        const gadget = { template: "ArgMax", count: line.length, bits } as const;
        builder.gadget({ gadget, inputs: [builder.settle(line)], output: index });
        return index;
    });
}

/**
 * The second of two equal signals never wins, nor does it when it is one less; but then their difference is not the
 * constant 0, with which the circuit compiler would simplify constraints away and miss the planned count.
 */
function withoutCopies({ builder, line }: { builder: Builder; line: Element[] }): Element[] {
    const seen = new Set<SignalId>();
    return line.map((element) => {
        if (element.kind !== "signal" || !seen.has(element.signal)) {
            if (element.kind === "signal") seen.add(element.signal);
            return element;
        }
        const lowered = weightedSum({ constant: -1n, parts: [{ value: asCombination(element), weight: 1n }] });
        return elementOf({ builder, value: lowered });
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
    const shift = line.find((element) => element.kind !== "constant");
    if (first?.kind !== "constant" || second?.kind !== "constant" || shift === undefined) return line;
    return line.map((element) => {
        const parts = [
            { value: asCombination(element), weight: 1n },
            { value: asCombination(shift), weight: SHIFT_WEIGHT },
        ];
        return elementOf({ builder, value: weightedSum({ parts }) });
    });
}

/** Pairs of long sums are not compared term by term beyond this much work. */
const MOST_TERM_PAIRS = 20_000_000;

/**
 * The greatest |x_i - x_j|. Sums over the same signals mostly cancel, so their difference is bounded as a sum of its
 * own, by the weights' differences; otherwise by the elements' intervals.
 */
function greatestDifference({ builder, line }: { builder: Builder; line: Element[] }): bigint {
    const sums = line.map((element) => builder.sumOf(element));
    const work = line.length * sums.reduce((total, { terms }) => total + terms.length, 0);
    if (work > MOST_TERM_PAIRS) return spread({ builder, line });
    let greatest = 0n;
    for (const [index, left] of sums.entries()) {
        for (const right of sums.slice(index + 1)) {
            greatest = greatestOf([greatest, reachOfDifference({ builder, left, right })]);
        }
    }
    return greatest;
}

/** From the least to the greatest that any element may be. */
function spread({ builder, line }: { builder: Builder; line: Element[] }): bigint {
    const bounds = line.map(builder.boundsOf);
    return greatestOf(bounds.map(({ hi }) => hi)) - leastOf(bounds.map(({ lo }) => lo));
}

type Pair = { builder: Builder; left: LinearCombination; right: LinearCombination };

function reachOfDifference({ builder, left, right }: Pair): bigint {
    const { lo, hi } = boundsOfSum({ signals: builder.signals, value: difference({ left, right }) });
    return greatestOf([magnitude(lo), magnitude(hi)]);
}
