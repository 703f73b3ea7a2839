import { at } from "../../integer/at.ts";
import type { Bounds } from "../../integer/interval.ts";
import { asCombination, type Builder, elementOf } from "../_builder.ts";
import { weightedSum } from "../combination.ts";
import type { Element } from "../plan.ts";

type Lowering = { builder: Builder; left: Element[]; right: Element[]; bounds: Bounds[] };

/** A factor stands in matrices A and B, which cost time for every proof: beyond so many terms it becomes a signal. */
const MOST_FACTOR_TERMS = 32;

/** One constraint for each pair of which neither is a constant, and one for each long factor that is new. */
export function lowerProduct({ builder, left, right, bounds }: Lowering): Element[] {
    return bounds.map((known, index) => {
        const [first, second] = [at(left, index), at(right, index)];
        if (known.lo === known.hi) return { kind: "constant", value: known.lo };
        if (first.kind === "constant") return times({ builder, element: second, factor: first.value, known });
        if (second.kind === "constant") return times({ builder, element: first, factor: second.value, known });
        const target = builder.declare({ name: "product", bounds: [known] }).first;
        const [factor, other] = [first, second].map((element) => asCombination(shortened({ builder, element })));
        if (factor === undefined || other === undefined) throw new RangeError("A product has two factors");
        return builder.product({ target, left: factor, right: other });
    });
}

function shortened({ builder, element }: { builder: Builder; element: Element }): Element {
    const isLong = element.kind === "sum" && element.value.terms.length > MOST_FACTOR_TERMS;
    return isLong ? (builder.settle([element])[0] ?? element) : element;
}

type Scaling = { builder: Builder; element: Element; factor: bigint; known: Bounds };

function times({ builder, element, factor, known }: Scaling): Element {
    const value = weightedSum({ parts: [{ value: asCombination(element), weight: factor }] });
    return elementOf({ builder, value, known });
}
