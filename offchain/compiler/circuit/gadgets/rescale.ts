import { at } from "../../integer/at.ts";
import { constant, sumOf, times } from "../system/algebra.ts";
import { bitsOf, decompose } from "./_bits.ts";
import { type GadgetDefinition, onlyInput } from "./definition.ts";

/** floor(x / 2^shift) of an x in [-2^bits, 2^bits). */
export type Rescale = { template: "Rescale"; bits: number; shift: number };

/** lib/fixed-point/rescale.circom */
export const rescale: GadgetDefinition<Rescale> = {
    file: "lib/fixed-point/rescale.circom",
    parameters: ({ bits, shift }) => [bits, shift],
    constraints: ({ bits }) => bits + 1,
    expand: ({ system, gadget: { bits, shift }, inputs, outputs }) => {
        const x = onlyInput({ inputs });
        const y = at(outputs, 0);
        const remainderBit = system.signals({ name: "remainderBit", dims: [shift - 1] });
        const quotientBit = system.signals({ name: "quotientBit", dims: [bits - shift] });
        const [span, step] = [1n << BigInt(bits), 1n << BigInt(shift)];
        system.hint({
            targets: [y, ...remainderBit, ...quotientBit],
            inputs: [x],
            compute: ([value = 0n]) => [
                value >> BigInt(shift),
                ...bitsOf({ value: value + span, from: 1, count: shift - 1 }),
                ...bitsOf({ value: value + span, from: shift + 1, count: bits - shift }),
            ],
        });
        decompose({ system, bits: remainderBit, value: sumOf([x, times(y, -step)]) });
        decompose({ system, bits: quotientBit, value: sumOf([times(y), constant(span / step)]) });
    },
};
