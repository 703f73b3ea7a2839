import { at } from "../../integer/at.ts";
import type { Bounds } from "../../integer/interval.ts";
import type { CompareNode } from "../../integer/types.ts";
import { asCombination, type Builder, elementOf } from "../_builder.ts";
import { weightedSum } from "../combination.ts";
import type { Element, LinearCombination } from "../plan.ts";
import { dividedBy, weightDivisor } from "./_factor.ts";
import { atLeast, not } from "./_logic.ts";
import { decompose } from "./decompose.ts";

type Lowering = { builder: Builder; node: CompareNode; inputs: Element[]; bounds: Bounds[] };

/** One bit for each element whose interval leaves a choice. */
export function lowerCompare({ builder, node: { relation }, inputs, bounds }: Lowering): Element[] {
    return inputs.map((given, index) => {
        const known = at(bounds, index);
        if (known.lo === known.hi) return { kind: "constant", value: known.lo };
        const element = reduced({ builder, element: given, relation });
        if (element === undefined) return { kind: "constant", value: 0n };
        const value = relation === "nonNegative" ? isNonNegative({ builder, element }) : isZero({ builder, element });
        return elementOf({ builder, value, known });
    });
}

type Reduction = { builder: Builder; element: Element; relation: CompareNode["relation"] };

/**
 * g * s + c >= 0 where s + floor(c / g) >= 0, which has fewer bits; g * s + c = 0 where s + c / g = 0, and never where g
 * does not divide c: then undefined.
 */
function reduced({ builder, element, relation }: Reduction): Element | undefined {
    const divisor = weightDivisor(element);
    const constant = element.kind === "sum" ? element.value.constant : 0n;
    if (relation === "zero" && constant % divisor !== 0n) return undefined;
    return dividedBy({ builder, element, divisor });
}

type Test = { builder: Builder; element: Element };

/** A signal plus a number is compared by the digits of the signal, which other comparisons of it share. */
function isNonNegative({ builder, element }: Test): LinearCombination {
    const shared = signalPlus(element);
    if (shared?.weight === 1n || shared?.weight === -1n) {
        const { signal, constant, weight } = shared;
        const digits = decompose({ builder, element: { kind: "signal", signal } });
        if (weight === 1n) return atLeast({ builder, digits, threshold: -constant });
        return not(atLeast({ builder, digits, threshold: constant + 1n }));
    }
    const digits = decompose({ builder, element, purpose: { anchor: 0n } });
    return atLeast({ builder, digits, threshold: 0n });
}

function signalPlus(element: Element) {
    if (element.kind !== "sum") return undefined;
    const { constant, terms } = element.value;
    const [term, ...others] = terms;
    return term === undefined || others.length > 0 ? undefined : { ...term, constant };
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
