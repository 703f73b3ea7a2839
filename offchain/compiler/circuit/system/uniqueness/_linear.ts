import { FIELD_ORDER } from "@assay/protocol";
import { at } from "../../../integer/at.ts";
import { magnitude } from "../../../integer/bigMath.ts";
import type { LinearCombination } from "../../plan.ts";
import { type Equation, type Facts, split } from "./_facts.ts";
import { rest, scaledRange } from "./_forms.ts";

/**
 * What a linear equation says. One unknown wire is determined. So are several, when each weight is greater than all that
 * the smaller ones can add up to and all of them together stay below p: digits of a number, of mixed radix and sign. And
 * one wire without a range gets the range of the others.
 */
export function useEquation({ facts, equation: { form, isExact } }: { facts: Facts; equation: Equation }): void {
    if (isExact) learnRangeOf({ facts, form });
    const { open } = split({ facts, form });
    if (open.terms.length === 0) return;
    if (open.terms.length > 1 && !areDigits({ facts, form: open })) return;
    for (const { signal } of open.terms) facts.learnKnown(signal);
}

/** No p has more bits than this, so no more digits than these can be told apart. */
const MOST_DIGITS = 254;

function areDigits({ facts, form: { terms } }: { facts: Facts; form: LinearCombination }): boolean {
    if (terms.length > MOST_DIGITS) return false;
    const digits: { weight: bigint; width: bigint }[] = [];
    for (const { signal, weight } of terms) {
        const range = facts.rangeOf(signal);
        if (range === undefined) return false;
        digits.push({ weight: magnitude(weight), width: range.hi - range.lo });
    }
    digits.sort((left, right) => (left.weight < right.weight ? -1 : 1));
    let reach = 0n;
    for (const { weight, width } of digits) {
        if (weight <= reach && width > 0n) return false;
        reach += weight * width;
    }
    return reach < FIELD_ORDER;
}

/** The one wire without a range, weight 1 or -1, is minus all the others. */
function learnRangeOf({ facts, form }: { facts: Facts; form: LinearCombination }): void {
    const without = form.terms.filter(({ signal }) => facts.rangeOf(signal) === undefined);
    if (without.length !== 1) return;
    const { signal, weight } = at(without, 0);
    const others = facts.rangeOfForm(rest({ form, wire: signal }));
    if (others === undefined || magnitude(weight) !== 1n) return;
    facts.learnRange(signal, scaledRange({ range: others, weight: -weight }));
}
