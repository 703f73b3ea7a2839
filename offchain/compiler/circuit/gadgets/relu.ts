import { at } from "../../integer/at.ts";
import { magnitude } from "../../integer/bigMath.ts";
import { scaled, sumOf, times } from "../system/algebra.ts";
import { bitsOf, decompose } from "./_bits.ts";
import { type GadgetDefinition, onlyInput } from "./definition.ts";

/** max(x, 0) of an x below 2^bits in magnitude. */
export type Relu = { template: "Relu"; bits: number };

/** lib/activation/relu.circom */
export const relu: GadgetDefinition<Relu> = {
    file: "lib/activation/relu.circom",
    parameters: ({ bits }) => [bits],
    constraints: ({ bits }) => bits + 1,
    expand: ({ system, gadget: { bits }, inputs, outputs }) => {
        const x = onlyInput({ inputs });
        const y = at(outputs, 0);
        const bit = system.signals({ name: "bit", dims: [bits - 1] });
        system.hint({
            targets: [y, ...bit],
            inputs: [x],
            compute: ([value = 0n]) => [
                value > 0n ? value : 0n,
                ...bitsOf({ value: magnitude(value), from: 1, count: bits - 1 }),
            ],
        });
        system.constrain({
            left: times(y),
            right: sumOf([times(y), scaled(x, -1n)]),
            equals: { constant: 0n, terms: [] },
        });
        decompose({ system, bits: bit, value: sumOf([times(y, 2n), scaled(x, -1n)]) });
    },
};
