import { at } from "../../integer/at.ts";
import { constant, times } from "../system/algebra.ts";
import { inverse } from "../system/field.ts";
import { type GadgetDefinition, onlyInput } from "./definition.ts";

/** 1 where x = 0, else 0. */
export type IsZero = { template: "IsZero" };

/** lib/comparison/is-zero.circom */
export const isZero: GadgetDefinition<IsZero> = {
    file: "lib/comparison/is-zero.circom",
    parameters: () => [],
    constraints: () => 2,
    expand: ({ system, inputs, outputs }) => {
        const x = onlyInput({ inputs });
        const y = at(outputs, 0);
        const [factor = 0] = system.signals({ name: "inverse" });
        system.hint({
            targets: [factor],
            inputs: [x],
            compute: ([value = 0n]) => [value === 0n ? 0n : inverse(value)],
        });
        system.assign({ target: y, left: times(factor, -1n), right: x, plus: constant(1n) });
        system.constrain({ left: x, right: times(y), equals: constant(0n) });
    },
};
