import { at } from "../../integer/at.ts";
import { constant, sumOf, times } from "../system/algebra.ts";
import { bitsOf, decompose, digitAt, requireBoolean } from "./_bits.ts";
import { type GadgetDefinition, onlyInput } from "./definition.ts";

/** The raw bits of a float32 number that is not NaN. */
export type FloatRange = { template: "FloatRange" };

const SIGN_BIT = 31;
const FIRST_EXPONENT_BIT = 23;
const EXPONENT_BITS = 8;

/** lib/trees/float-range.circom */
export const floatRange: GadgetDefinition<FloatRange> = {
    file: "lib/trees/float-range.circom",
    parameters: () => [],
    constraints: () => 1 + SIGN_BIT + EXPONENT_BITS - 1 + 1,
    expand: ({ system, inputs }) => {
        const x = onlyInput({ inputs });
        const sign = at(system.signals({ name: "sign" }), 0);
        const bits = system.signals({ name: "bit", dims: [SIGN_BIT - 1] });
        const ones = system.signals({ name: "ones", dims: [EXPONENT_BITS - 1] });
        system.hint({
            targets: [sign, ...bits],
            inputs: [x],
            compute: ([value = 0n]) => [
                (value >> BigInt(SIGN_BIT)) & 1n,
                ...bitsOf({ value, from: 1, count: SIGN_BIT - 1 }),
            ],
        });
        requireBoolean({ system, value: times(sign) });
        const low = decompose({ system, bits, value: sumOf([x, times(sign, -(1n << BigInt(SIGN_BIT)))]) });
        const digit = (index: number) => digitAt({ low, bits, index });
        let exponent = digit(FIRST_EXPONENT_BIT);
        for (const [index, target] of ones.entries()) {
            system.assign({ target, left: exponent, right: digit(FIRST_EXPONENT_BIT + 1 + index) });
            exponent = times(target);
        }
        const fraction = sumOf(Array.from({ length: FIRST_EXPONENT_BIT }, (_, index) => digit(index)));
        system.constrain({ left: exponent, right: fraction, equals: constant(0n) });
    },
};
