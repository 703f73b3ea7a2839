import { at } from "../../integer/at.ts";
import type { Bounds } from "../../integer/interval.ts";
import { asCombination, type Builder, elementOf } from "../_builder.ts";
import { weightedSum } from "../combination.ts";
import type { Element } from "../plan.ts";

type Lowering = { builder: Builder; left: Element[]; right: Element[]; bounds: Bounds[] };

/** One constraint for each pair of which neither is a constant. */
export function lowerProduct({ builder, left, right, bounds }: Lowering): Element[] {
    return bounds.map((known, index) => {
        const [first, second] = [at(left, index), at(right, index)];
        if (known.lo === known.hi) return { kind: "constant", value: known.lo };
        if (first.kind === "constant") return times({ builder, element: second, factor: first.value, known });
        if (second.kind === "constant") return times({ builder, element: first, factor: second.value, known });
        const target = builder.declare({ name: "product", bounds: [known] }).first;
        return builder.product({ target, left: asCombination(first), right: asCombination(second) });
    });
}

type Scaling = { builder: Builder; element: Element; factor: bigint; known: Bounds };

function times({ builder, element, factor, known }: Scaling): Element {
    const value = weightedSum({ parts: [{ value: asCombination(element), weight: factor }] });
    return elementOf({ builder, value, known });
}
