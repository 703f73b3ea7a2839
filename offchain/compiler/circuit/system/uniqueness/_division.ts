import { FIELD_ORDER } from "@assay/protocol";
import { at } from "../../../integer/at.ts";
import type { LinearCombination } from "../../plan.ts";
import { type Facts, type Product, split } from "./_facts.ts";
import { combined, without } from "./_forms.ts";

/**
 * Division with remainder: quotient * divisor = known - remainder, where the divisor is known, 0 <= remainder, an
 * equation says remainder < divisor, and nothing can wrap p. Of two solutions, the remainders would differ by a multiple
 * of the divisor, and by less than it.
 */
export function useDivision({ facts, product }: { facts: Facts; product: Product }): void {
    const { left, right, equals } = product;
    for (const [quotient, divisor] of [
        [left, right],
        [right, left],
    ] as const) {
        if (facts.unknownIn(divisor).length > 0) continue;
        const [wire, ...others] = facts.unknownIn(quotient);
        if (wire === undefined || others.length > 0) continue;
        const remainder = combined([{ form: split({ facts, form: equals }).open, factor: -1n }]);
        if (isProper({ facts, quotient, divisor, remainder })) facts.learnKnown(wire);
    }
}

/** Sums and differences of two such integers are below p. */
const SMALL = FIELD_ORDER / 4n;

type Division = { facts: Facts; quotient: LinearCombination; divisor: LinearCombination; remainder: LinearCombination };

function isProper({ facts, quotient, divisor, remainder }: Division): boolean {
    const [q, d, r] = [quotient, divisor, remainder].map(facts.rangeOfForm);
    if (q === undefined || d === undefined || r === undefined || divisor.terms.length === 0) return false;
    if (r.lo < 0n || r.hi > SMALL || d.lo < -SMALL || d.hi > SMALL) return false;
    if ((q.hi - q.lo) * d.hi + (r.hi - r.lo) >= FIELD_ORDER) return false;
    const gap = without(divisor, remainder);
    return facts.equationsOf(at(divisor.terms, 0).signal).some(({ form, isExact }) =>
        [1n, -1n].some((factor) => {
            const left = facts.rangeOfForm(without(gap, combined([{ form, factor }])));
            return isExact && left !== undefined && left.lo >= 1n && left.hi <= SMALL;
        }),
    );
}
