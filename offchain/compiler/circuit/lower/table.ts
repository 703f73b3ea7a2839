import { at } from "../../integer/at.ts";
import type { Bounds } from "../../integer/interval.ts";
import type { OneHotNode, TableNode } from "../../integer/types.ts";
import { type Builder, elementOf } from "../_builder.ts";
import type { ClampDigits, Digits } from "../digits.ts";
import type { Element, LinearCombination } from "../plan.ts";
import { less, multiply, not, scaled, sum } from "./_logic.ts";
import { bestCut, lookUp } from "./_lookUp.ts";
import { selectors } from "./_selectors.ts";
import { decompose } from "./decompose.ts";

type Lowering<N> = { builder: Builder; node: N; inputs: Element[]; bounds: Bounds[] };

/** Looks each element up, by its own digits or by those inside the clamp that made it. */
export function lowerTable({ builder, node, inputs, bounds }: Lowering<TableNode>): Element[] {
    const cuts: Cuts = new Map();
    return inputs.flatMap((element, index): Element[] => {
        const count = node.columns.length;
        const known = bounds.slice(index * count, (index + 1) * count);
        const constants = known.map(({ lo, hi }) => (lo === hi ? lo : undefined));
        if (constants.every((value) => value !== undefined)) {
            return constants.map((value) => ({ kind: "constant", value }));
        }
        const clamp = builder.notes.clampOf(element);
        const values =
            clamp === undefined
                ? lookUpDigits({
                      builder,
                      node,
                      cuts,
                      digits: decompose({ builder, element, purpose: { isSelection: true } }),
                      ...builder.boundsOf(element),
                  })
                : lookUpClamped({ builder, node, cuts, clamp });
        return values.map((value, column) => elementOf({ builder, value, known: at(known, column) }));
    });
}

/** By number of bits the cheapest cut for the first argument that has so many: for the others it is cheap, too. */
type Cuts = Map<number, number>;
type Looking = { builder: Builder; node: TableNode; cuts: Cuts };

/** The entry at an argument, or at the end that lies nearest: what reads beyond the table is never met. */
function entryAt({ node, column, argument }: { node: TableNode; column: readonly bigint[]; argument: bigint }): bigint {
    const last = node.min + BigInt(column.length - 1);
    return at(column, Number((argument < node.min ? node.min : argument > last ? last : argument) - node.min));
}

/** The argument lies in [lo, hi]: entries beyond are never met, so they may be whatever is cheap. */
function lookUpDigits({
    builder,
    node,
    cuts,
    digits,
    lo,
    hi,
}: Looking & { digits: Digits } & Bounds): LinearCombination[] {
    const { base, bits } = digits;
    const argument = (index: number) => {
        const value = base + BigInt(index);
        return value < lo ? lo : value > hi ? hi : value;
    };
    const columns = node.columns.map((column) =>
        Array.from({ length: 2 ** bits.length }, (_, index) => entryAt({ node, column, argument: argument(index) })),
    );
    const [first, last] = [Number(lo - base), Number(hi - base)];
    const rowBits = cuts.get(bits.length) ?? bestCut({ bits: bits.length, first, last, columns });
    cuts.set(bits.length, rowBits);
    return lookUp({ builder, bits, first, last, columns, rowBits });
}

/** Inside the clamp by digits; outside it, an end of the table: one product more for each column. */
function lookUpClamped({ builder, node, cuts, clamp }: Looking & { clamp: ClampDigits }): LinearCombination[] {
    const { min, max, inner, isInside, isAbove } = clamp;
    const inside = lookUpDigits({ builder, node, cuts, digits: inner, lo: min, hi: max });
    const isBelow = less(not(isInside), isAbove);
    return node.columns.map((column, index) => {
        const [least = 0n, greatest = 0n] = [min, max].map((argument) => entryAt({ node, column, argument }));
        const bounds = { lo: lowestOf(column), hi: highestOf(column) };
        const value = multiply({ builder, left: isInside, right: at(inside, index), bounds });
        return sum(value, sum(scaled(isBelow, least), scaled(isAbove, greatest)));
    });
}

/** Least of the entries and 0, which the product gives outside the clamp. */
function lowestOf(entries: readonly bigint[]): bigint {
    return entries.reduce((least, entry) => (entry < least ? entry : least), 0n);
}

function highestOf(entries: readonly bigint[]): bigint {
    return entries.reduce((greatest, entry) => (entry > greatest ? entry : greatest), 0n);
}

/** One selector for each place; a place that the interval excludes is 0. */
export function lowerOneHot({ builder, node: { min, depth }, inputs, bounds }: Lowering<OneHotNode>): Element[] {
    return inputs.flatMap((element, index): Element[] => {
        const { base, bits } = decompose({ builder, element, purpose: { isSelection: true } });
        const { lo, hi } = builder.boundsOf(element);
        const reached = selectors({ builder, bits, first: Number(lo - base), last: Number(hi - base) });
        return Array.from({ length: depth }, (_, place): Element => {
            const known = at(bounds, index * depth + place);
            if (known.lo === known.hi) return { kind: "constant", value: known.lo };
            return elementOf({ builder, value: at(reached, Number(min - lo) + place), known });
        });
    });
}
