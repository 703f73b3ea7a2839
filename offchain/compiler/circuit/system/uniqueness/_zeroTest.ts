import type { LinearCombination } from "../../plan.ts";
import type { Facts, Product } from "./_facts.ts";
import { combined, isSame } from "./_forms.ts";

/**
 * Tests for zero: X * y = 0 and X * inverse = known - y with a known X. If X is not 0, y is; if it is, the second
 * constraint says what y is. The inverse stays free where X is 0.
 */
export function useZeroTest({ facts, product }: { facts: Facts; product: Product }): void {
    const { equals } = product;
    if (equals.terms.length > 0 || equals.constant !== 0n) return;
    for (const { known, open } of sidesOf({ facts, product })) {
        const [wire, ...others] = facts.unknownIn(open);
        if (wire === undefined || others.length > 0) continue;
        const isDecided = facts.productsOf(wire).some((other) => {
            const [target, ...more] = facts.unknownIn(other.equals);
            if (target !== wire || more.length > 0) return false;
            return sidesOf({ facts, product: other }).some((side) => isMultiple(side.known, known));
        });
        if (isDecided) facts.learnKnown(wire);
    }
}

/** Each factor that is known, with the other. */
function sidesOf({ facts, product: { left, right } }: { facts: Facts; product: Product }) {
    return [
        { known: left, open: right },
        { known: right, open: left },
    ].filter(({ known }) => facts.unknownIn(known).length === 0);
}

/** Whether one form is the other or its negative. */
function isMultiple(left: LinearCombination, right: LinearCombination): boolean {
    return [1n, -1n].some((factor) => isSame(left, combined([{ form: right, factor }])));
}
