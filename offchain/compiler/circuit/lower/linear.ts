import { at } from "../../integer/at.ts";
import type { Bounds } from "../../integer/interval.ts";
import type { Rows } from "../../integer/rows.ts";
import type { LinearNode } from "../../integer/types.ts";
import { asCombination, type Builder, elementOf } from "../_builder.ts";
import { weightedSum } from "../combination.ts";
import type { Element, LinearCombination } from "../plan.ts";

type Lowering = { builder: Builder; node: LinearNode; rows: Rows[]; inputs: Element[][]; bounds: Bounds[] };

/** Terms that a layer may have after sums are put into its own sums; beyond this they become signals first. */
const MOST_TERMS = 2 ** 22;

/** Sums of sums: no constraint, whatever the weights. */
export function lowerLinear({ builder, node, rows, inputs, bounds }: Lowering): Element[] {
    const isOpen = termsWhenOpened({ rows, inputs }) <= MOST_TERMS;
    const sources = inputs.map((elements) => (isOpen ? elements : builder.settle(elements)).map(asCombination));
    return bounds.map((known, output) =>
        elementOf({ builder, value: combine({ bias: at(node.bias, output), rows, sources, output }), known }),
    );
}

function termsWhenOpened({ rows, inputs }: { rows: Rows[]; inputs: Element[][] }): number {
    let terms = 0;
    for (const [kernel, { index }] of rows.entries()) {
        const sizes = at(inputs, kernel).map((element) => (element.kind === "sum" ? element.value.terms.length : 1));
        for (const position of index) terms += at(sizes, position);
    }
    return terms;
}

type Combination = { bias: bigint; rows: Rows[]; sources: LinearCombination[][]; output: number };

function combine({ bias, rows, sources, output }: Combination): LinearCombination {
    const parts: { value: LinearCombination; weight: bigint }[] = [];
    for (const [kernel, { start, index, weight }] of rows.entries()) {
        for (let term = at(start, output); term < at(start, output + 1); term++) {
            parts.push({ value: at(at(sources, kernel), at(index, term)), weight: BigInt(at(weight, term)) });
        }
    }
    const [only, ...others] = parts;
    // A copy stays the same object, so that what is known of it stays known
    if (only?.weight === 1n && others.length === 0 && bias === 0n) return only.value;
    return weightedSum({ constant: bias, parts });
}
