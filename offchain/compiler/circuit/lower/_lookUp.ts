import { at } from "../../integer/at.ts";
import { greatestOf, leastOf } from "../../integer/bigMath.ts";
import type { Builder } from "../_builder.ts";
import { weightedSum } from "../combination.ts";
import type { LinearCombination } from "../plan.ts";
import { constantOf, multiply, sum } from "./_logic.ts";
import { anyOf, selectorCost, selectors } from "./_selectors.ts";

type LookUp = {
    builder: Builder;
    /** Of the index into the columns, lowest first; its value lies in [first, last]. */
    bits: readonly LinearCombination[];
    first: number;
    last: number;
    /** Each of 2^(number of bits) entries; those outside [first, last] do not matter. */
    columns: readonly (readonly bigint[])[];
    /** How to cut the table; `bestCut` finds the cheapest. */
    rowBits: number;
};

/** Entries of the columns at an index: rows of constants are linear in one selection, and another selects the row. */
export function lookUp({ builder, bits, first, last, columns, rowBits }: LookUp): LinearCombination[] {
    const size = 2 ** rowBits;
    const [firstRow, lastRow] = [Math.floor(first / size), Math.floor(last / size)];
    const isOneRow = firstRow === lastRow;
    const within = { first: isOneRow ? first % size : 0, last: isOneRow ? last % size : size - 1 };
    const places = selectors({ builder, bits: bits.slice(0, rowBits), ...within });
    const rows = selectors({ builder, bits: bits.slice(rowBits), first: firstRow, last: lastRow });
    return columns.map((column) => {
        const groups = groupRows({ column, size, firstRow, lastRow });
        const offsets = groups.flatMap(({ members }) => members);
        const steps = offsets.map(({ row, start }) => ({ value: at(rows, row - firstRow), weight: start }));
        const shaped = groups.map(({ shape, members }) => ({
            isReached: anyOf(members.map(({ row }) => at(rows, row - firstRow))),
            shape: places.map((value, index) => ({ value, weight: at(shape, within.first + index) })),
        }));
        return sum(weightedSum({ parts: steps }), selectShape({ builder, shaped }));
    });
}

type Shaped = { isReached: LinearCombination; shape: { value: LinearCombination; weight: bigint }[] };

/** Sum of isReached * shape: the group that comes most often needs no product, being what is left of the others. */
function selectShape({ builder, shaped }: { builder: Builder; shaped: Shaped[] }): LinearCombination {
    const [base, ...others] = shaped;
    if (base === undefined) return constantOf(0n);
    let total = weightedSum({ parts: base.shape });
    for (const { isReached, shape } of others) {
        const steps = shape.map(({ value, weight }, index) => ({
            value,
            weight: weight - at(base.shape, index).weight,
        }));
        const weights = steps.map(({ weight }) => weight);
        const bounds = { lo: leastOf([0n, ...weights]), hi: greatestOf([0n, ...weights]) };
        total = sum(total, multiply({ builder, left: isReached, right: weightedSum({ parts: steps }), bounds }));
    }
    return total;
}

type Rows = { column: readonly bigint[]; size: number; firstRow: number; lastRow: number };
type Group = { shape: bigint[]; members: { row: number; start: bigint }[] };

/** Rows by their shape, which is the row less its first entry; the most frequent shape first. */
function groupRows({ column, size, firstRow, lastRow }: Rows): Group[] {
    const groups = new Map<string, Group>();
    for (let row = firstRow; row <= lastRow; row++) {
        const entries = column.slice(row * size, (row + 1) * size);
        const start = at(entries, 0);
        const shape = entries.map((entry) => entry - start);
        const key = shape.join();
        const group = groups.get(key) ?? { shape, members: [] };
        group.members.push({ row, start });
        groups.set(key, group);
    }
    return [...groups.values()].toSorted((left, right) => right.members.length - left.members.length);
}

type Cut = Pick<LookUp, "first" | "last" | "columns"> & { bits: number };

/** The number of bits of a row at which the table takes the fewest products. */
export function bestCut({ bits, first, last, columns }: Cut): number {
    let [best, least] = [bits, Number.POSITIVE_INFINITY];
    for (let rowBits = 0; rowBits <= bits; rowBits++) {
        const size = 2 ** rowBits;
        const [firstRow, lastRow] = [Math.floor(first / size), Math.floor(last / size)];
        const isOneRow = firstRow === lastRow;
        const within = { first: isOneRow ? first % size : 0, last: isOneRow ? last % size : size - 1 };
        const selection =
            selectorCost({ bits: rowBits, ...within }) +
            selectorCost({ bits: bits - rowBits, first: firstRow, last: lastRow });
        if (selection >= least) continue;
        const shapes = columns.map((column) => groupRows({ column, size, firstRow, lastRow }).length - 1);
        const cost = selection + shapes.reduce((total, count) => total + count, 0);
        if (cost < least) [best, least] = [rowBits, cost];
    }
    return best;
}
