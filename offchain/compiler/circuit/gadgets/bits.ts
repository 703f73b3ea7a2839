import { shifted } from "../system/algebra.ts";
import { bitsOf, decompose } from "./_bits.ts";
import { type GadgetDefinition, onlyInput } from "./definition.ts";

/** Bits 1 … bits - 1 of x - min, for an x in [min, min + 2^bits); the lowest bit is what remains. */
export type Bits = { template: "Bits"; min: bigint; bits: number };

/** lib/fixed-point/bits.circom */
export const bits: GadgetDefinition<Bits> = {
    file: "lib/fixed-point/bits.circom",
    parameters: (gadget) => [gadget.min, gadget.bits],
    constraints: (gadget) => gadget.bits,
    expand: ({ system, gadget: { min, bits: count }, inputs, outputs }) => {
        const distance = shifted(onlyInput({ inputs }), -min);
        system.hint({
            targets: outputs,
            inputs: [distance],
            compute: ([value = 0n]) => bitsOf({ value, from: 1, count: count - 1 }),
        });
        decompose({ system, bits: outputs, value: distance });
    },
};
