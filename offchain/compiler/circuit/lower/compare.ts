import { at } from "../../integer/at.ts";
import type { Bounds } from "../../integer/interval.ts";
import type { CompareNode } from "../../integer/types.ts";
import { asCombination, type Builder, elementOf } from "../_builder.ts";
import { weightedSum } from "../combination.ts";
import type { Element, LinearCombination } from "../plan.ts";
import { decompose } from "./_decompose.ts";
import { atLeast } from "./_logic.ts";

type Lowering = { builder: Builder; node: CompareNode; inputs: Element[]; bounds: Bounds[] };

/** One bit for each element whose interval leaves a choice. */
export function lowerCompare({ builder, node: { relation }, inputs, bounds }: Lowering): Element[] {
    return inputs.map((element, index) => {
        const known = at(bounds, index);
        if (known.lo === known.hi) return { kind: "constant", value: known.lo };
        const value = relation === "nonNegative" ? isNonNegative({ builder, element }) : isZero({ builder, element });
        return elementOf({ builder, value, known });
    });
}

type Test = { builder: Builder; element: Element };

function isNonNegative({ builder, element }: Test): LinearCombination {
    const digits = decompose({ builder, element, purpose: { anchor: 0n } });
    return atLeast({ builder, digits, threshold: 0n });
}

/** A number that is 0 or 1, or -1 or 0, is its own answer but for the sign. */
function isZero({ builder, element }: Test): LinearCombination {
    const { lo, hi } = builder.boundsOf(element);
    if (hi - lo === 1n) {
        const weight = hi === 0n ? 1n : -1n;
        return weightedSum({ constant: 1n, parts: [{ value: asCombination(element), weight }] });
    }
    const [settled] = builder.settle([element]);
    if (settled === undefined) throw new RangeError("One element was settled");
    const signal = builder.declare({ name: "zero", bounds: [{ lo: 0n, hi: 1n }] }).first;
    builder.gadget({ gadget: { template: "IsZero" }, inputs: [settled], output: { kind: "signal", signal } });
    return asCombination({ kind: "signal", signal });
}
