import { at } from "../../integer/at.ts";
import { constant, sumOf, times } from "../system/algebra.ts";
import { bitsOf, decompose, requireBoolean } from "./_bits.ts";
import { type GadgetDefinition, onlyInput } from "./definition.ts";

/** max(floor(x / 2^shift), 0) of an x in [-2^bits, 2^bits). */
export type ReluRescale = { template: "ReluRescale"; bits: number; shift: number };

/** lib/activation/relu-rescale.circom */
export const reluRescale: GadgetDefinition<ReluRescale> = {
    file: "lib/activation/relu-rescale.circom",
    parameters: ({ bits, shift }) => [bits, shift],
    constraints: ({ bits }) => bits + 2,
    expand: ({ system, gadget: { bits, shift }, inputs, outputs }) => {
        const x = onlyInput({ inputs });
        const [negative = 0] = system.signals({ name: "negative" });
        const bit = system.signals({ name: "bit", dims: [bits - 1] });
        const span = 1n << BigInt(bits);
        system.hint({
            targets: [negative, ...bit],
            inputs: [x],
            compute: ([value = 0n]) => [
                value < 0n ? 1n : 0n,
                ...bitsOf({ value: value + span, from: 1, count: bits - 1 }),
            ],
        });
        requireBoolean({ system, value: times(negative) });
        decompose({ system, bits: bit, value: sumOf([x, times(negative, span)]) });
        const quotient = bit.slice(shift - 1).map((wire, index) => times(wire, 1n << BigInt(index)));
        const left = sumOf([constant(1n), times(negative, -1n)]);
        system.assign({ target: at(outputs, 0), left, right: sumOf(quotient) });
    },
};
