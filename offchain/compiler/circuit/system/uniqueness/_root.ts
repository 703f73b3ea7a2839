import { FIELD_ORDER } from "@assay/protocol";
import type { LinearCombination } from "../../plan.ts";
import { type Facts, type Product, split } from "./_facts.ts";
import { combined, isSame, without } from "./_forms.ts";

/**
 * Square roots: root * root = known - remainder with 0 <= remainder <= 2 * root, and nothing can wrap p: the known
 * value lies from root^2 up to below (root + 1)^2, for one root alone. The remainder is then determined too.
 */
export function useRoot({ facts, product: { left, right, equals } }: { facts: Facts; product: Product }): void {
    const [wire, ...others] = facts.unknownIn(left);
    if (wire === undefined || others.length > 0 || left.terms.length !== 1 || !isSame(left, right)) return;
    const root = facts.rangeOfForm(left);
    if (root === undefined || root.lo < 0n || (root.hi + 1n) ** 2n >= FIELD_ORDER) return;
    const remainder = combined([{ form: split({ facts, form: equals }).open, factor: -1n }]);
    const rewritten = notNegative({ facts, form: remainder, wire });
    const gap = without(combined([{ form: left, factor: 2n }]), remainder);
    if (rewritten === undefined || notNegative({ facts, form: gap, wire }) === undefined) return;
    facts.learnKnown(wire);
    facts.addEquation({ form: rewritten, isExact: false });
}

type Sign = { facts: Facts; form: LinearCombination; wire: number };

/** A form rewritten by an equation of a wire so that its range shows that it is never negative. */
function notNegative({ facts, form, wire }: Sign): LinearCombination | undefined {
    const exact = facts.equationsOf(wire).filter(({ isExact }) => isExact);
    const rewritten = exact.flatMap((equation) =>
        [1n, -1n].map((factor) => without(form, combined([{ form: equation.form, factor }]))),
    );
    return [form, ...rewritten].find((candidate) => {
        const range = facts.rangeOfForm(candidate);
        return range !== undefined && range.lo >= 0n && range.hi < FIELD_ORDER / 2n && candidate.terms.length > 0;
    });
}
