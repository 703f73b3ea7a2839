import { at } from "../../integer/at.ts";
import type { Bounds } from "../../integer/interval.ts";
import type { Rows } from "../../integer/rows.ts";
import type { LinearNode } from "../../integer/types.ts";
import type { Builder } from "../_builder.ts";
import type { Element, LinearCombination, SignalId } from "../plan.ts";

type Lowering = { builder: Builder; node: LinearNode; rows: Rows[]; inputs: Element[][]; bounds: Bounds[] };

/** Every output is one sum, so one linear constraint; constants and plain copies cost nothing. */
export function lowerLinear({ builder, node, rows, inputs, bounds }: Lowering): Element[] {
    const array = builder.declare({ name: "sum", bounds });
    return bounds.map(({ lo, hi }, output) => {
        const target = array.first + output;
        if (lo === hi) return builder.alias({ target, element: { kind: "constant", value: lo } });
        const value = combine({ bias: at(node.bias, output), rows, inputs, output });
        const [first, ...others] = value.terms;
        const isCopy = first?.weight === 1n && others.length === 0 && value.constant === 0n;
        if (isCopy) return builder.alias({ target, element: { kind: "signal", signal: first.signal } });
        return builder.sum({ target, value });
    });
}

type Combination = { bias: bigint; rows: Rows[]; inputs: Element[][]; output: number };

function combine({ bias, rows, inputs, output }: Combination): LinearCombination {
    const weights = new Map<SignalId, bigint>();
    let constant = bias;
    for (const [kernel, { start, index, weight }] of rows.entries()) {
        for (let term = at(start, output); term < at(start, output + 1); term++) {
            const element = at(at(inputs, kernel), at(index, term));
            const factor = BigInt(at(weight, term));
            if (element.kind === "constant") constant += factor * element.value;
            else weights.set(element.signal, (weights.get(element.signal) ?? 0n) + factor);
        }
    }
    const terms = [...weights]
        .filter(([, factor]) => factor !== 0n)
        .map(([signal, factor]) => ({ signal, weight: factor }));
    return { constant, terms };
}
