import { at } from "../../integer/at.ts";
import type { Bounds } from "../../integer/interval.ts";
import type { RescaleNode, RoundEvenNode } from "../../integer/types.ts";
import { asCombination, type Builder, elementOf } from "../_builder.ts";
import { weightedSum } from "../combination.ts";
import type { Digits } from "../digits.ts";
import type { Element, LinearCombination } from "../plan.ts";
import { withoutPowers } from "./_factor.ts";
import { constantOf, less, matching, multiply, not } from "./_logic.ts";
import { decompose, lowest, numberOf, shiftedRight } from "./decompose.ts";

type Lowering<N> = { builder: Builder; node: N; inputs: Element[]; bounds: Bounds[] };

/** The quotient of a rescale as the node that reads it compares it: with this number, or with none. */
type Quotients = Lowering<RescaleNode> & { anchor: bigint | undefined };

/** floor(x / 2^shift) as digits that whatever comes next can go on with. */
export function lowerDigitsOfRescale({ builder, node, inputs, bounds, anchor }: Quotients): Element[] {
    return inputs.map((given, index) => {
        const known = at(bounds, index);
        if (known.lo === known.hi) return { kind: "constant", value: known.lo };
        const { element, shift } = withoutPowers({ builder, element: given, shift: node.shift });
        const purpose = anchor === undefined ? { shift } : { shift, anchor: anchor << BigInt(shift) };
        const quotient = shiftedRight(decompose({ builder, element, purpose }), shift);
        const output = elementOf({ builder, value: numberOf(quotient), known });
        builder.notes.noteDigits(output, quotient);
        return output;
    });
}

/** Rounds half up, then takes 1 from what a tie made odd. */
export function lowerRoundEven({ builder, node: { shift }, inputs, bounds }: Lowering<RoundEvenNode>): Element[] {
    const half = 1n << BigInt(shift - 1);
    return inputs.map((element, index) => {
        const known = at(bounds, index);
        if (known.lo === known.hi) return { kind: "constant", value: known.lo };
        const value = weightedSum({ constant: half, parts: [{ value: asCombination(element), weight: 1n }] });
        const raised = elementOf({ builder, value });
        const digits = decompose({ builder, element: raised, purpose: { shift } });
        const quotient = shiftedRight(digits, shift);
        const isTie = matching({ builder, bits: lowest(digits, shift), pattern: 0n });
        const excess = multiply({ builder, left: isTie, right: isOdd(quotient), bounds: { lo: 0n, hi: 1n } });
        return elementOf({ builder, value: less(numberOf(quotient), excess), known });
    });
}

function isOdd({ base, bits: [lowestBit = constantOf(0n)] }: Digits): LinearCombination {
    return base % 2n === 0n ? lowestBit : not(lowestBit);
}
