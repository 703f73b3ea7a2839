import { at } from "../../../integer/at.ts";
import { greatestOf, leastOf, magnitude } from "../../../integer/bigMath.ts";
import type { LinearCombination } from "../../plan.ts";
import type { Facts, Product } from "./_facts.ts";
import { combined, type Range, rest, scaledRange, weightOf } from "./_forms.ts";
import { useEquation } from "./_linear.ts";

/** What a product says: once its factors are known it is a linear equation; and ranges of factors give a range. */
export function useProduct({ facts, product }: { facts: Facts; product: Product }): void {
    const { left, right, equals } = product;
    learnRangeOf({ facts, product });
    if (facts.unknownIn(left).length > 0 || facts.unknownIn(right).length > 0) return;
    useEquation({ facts, equation: { form: equals, isExact: false } });
}

/** The choice that a product of 0 leaves to a wire that stands in both factors with weight 1 or -1. */
export function choiceOf({ product: { left, right, equals }, wire }: { product: Product; wire: number }) {
    if (equals.terms.length > 0 || equals.constant !== 0n) return undefined;
    const values = [left, right].map((form) => valueOfWire({ form, wire }));
    const [first, second] = values;
    return first === undefined || second === undefined ? undefined : { first, second };
}

/** The value of a wire that makes a form 0, when its weight there is 1 or -1. */
export function valueOfWire({ form, wire }: { form: LinearCombination; wire: number }): LinearCombination | undefined {
    const weight = weightOf({ form, wire });
    if (magnitude(weight) !== 1n) return undefined;
    return combined([{ form: rest({ form, wire }), factor: -weight }]);
}

function learnRangeOf({ facts, product }: { facts: Facts; product: Product }): void {
    const { left, right, equals } = product;
    const open = equals.terms.filter(({ signal }) => facts.rangeOf(signal) === undefined);
    if (equals.terms.length === 0) learnRangeOfChoice({ facts, product });
    if (open.length !== 1) return;
    const { signal, weight } = at(open, 0);
    const factors = [facts.rangeOfForm(left), facts.rangeOfForm(right)];
    const [first, second, others] = [...factors, facts.rangeOfForm(rest({ form: equals, wire: signal }))];
    if (first === undefined || second === undefined || others === undefined || magnitude(weight) !== 1n) return;
    const reach = productRange(first, second);
    const difference = { lo: reach.lo - others.hi, hi: reach.hi - others.lo };
    facts.learnRange(signal, scaledRange({ range: difference, weight }));
}

/** A wire that is one of two values lies between them. */
function learnRangeOfChoice({ facts, product }: { facts: Facts; product: Product }): void {
    for (const { signal } of product.left.terms) {
        if (facts.rangeOf(signal) !== undefined) continue;
        const choice = choiceOf({ product, wire: signal });
        const [first, second] = choice === undefined ? [] : [choice.first, choice.second].map(facts.rangeOfForm);
        if (first === undefined || second === undefined) continue;
        facts.learnRange(signal, { lo: leastOf([first.lo, second.lo]), hi: greatestOf([first.hi, second.hi]) });
    }
}

function productRange(left: Range, right: Range): Range {
    const corners = [left.lo * right.lo, left.lo * right.hi, left.hi * right.lo, left.hi * right.hi];
    return { lo: leastOf(corners), hi: greatestOf(corners) };
}
