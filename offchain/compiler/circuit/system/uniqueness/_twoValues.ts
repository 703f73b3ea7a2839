import { FIELD_ORDER } from "@assay/protocol";
import { greatestOf, leastOf } from "../../../integer/bigMath.ts";
import { type Equation, type Facts, type Product, split } from "./_facts.ts";
import { combined, type Range, rest, weightOf } from "./_forms.ts";
import { choiceOf } from "./_product.ts";

/**
 * Magnitudes: a product of 0 leaves a wire two values that the inputs determine, and an equation confines
 * T = weight * wire + known to a range. If T of one value and T of the other always add up to one number, and the range
 * meets its own mirror image at that number in one point at most, then either only one of the values fits, or both are
 * the same.
 */
export function useTwoValues({ facts, product }: { facts: Facts; product: Product }): void {
    const [wire, ...others] = new Set([...facts.unknownIn(product.left), ...facts.unknownIn(product.right)]);
    if (wire === undefined || others.length > 0) return;
    const choice = choiceOf({ product, wire });
    if (choice === undefined) return;
    const decides = facts.equationsOf(wire).some((equation) => {
        const image = imageOf({ facts, equation, wire });
        if (image === undefined) return false;
        const { weight, known, range } = image;
        const sum = combined([
            { form: choice.first, factor: weight },
            { form: choice.second, factor: weight },
            { form: known, factor: 2n },
        ]);
        return sum.terms.length === 0 && isMetOnce({ first: range, second: range, sum: sum.constant });
    });
    if (decides) facts.learnKnown(wire);
}

/** weight * wire + known, and the range that the rest of an equation leaves it. */
function imageOf({ facts, equation: { form, isExact }, wire }: { facts: Facts; equation: Equation; wire: number }) {
    if (!isExact) return undefined;
    const { open, closed } = split({ facts, form: rest({ form, wire }) });
    const others = facts.rangeOfForm(open);
    if (others === undefined) return undefined;
    return { weight: weightOf({ form, wire }), known: closed, range: { lo: -others.hi, hi: -others.lo } };
}

type Mirrored = { first: Range; second: Range; sum: bigint };

/** Whether s = a + b mod p has at most one solution with a in the first and b in the second range. */
export function isMetOnce({ first, second, sum }: Mirrored): boolean {
    const mirror = { lo: sum - second.hi, hi: sum - second.lo };
    const ends = [first.lo, first.hi, mirror.lo, mirror.hi];
    const isWide = greatestOf(ends) - leastOf(ends) >= FIELD_ORDER;
    return !isWide && leastOf([first.hi, mirror.hi]) <= greatestOf([first.lo, mirror.lo]);
}
