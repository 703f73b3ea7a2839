import { at } from "../../integer/at.ts";
import { requireZeroTest } from "./_zeroTest.ts";
import { type GadgetDefinition, onlyInput } from "./definition.ts";

/** 1 where x = 0, else 0. */
export type IsZero = { template: "IsZero" };

/** lib/comparison/is-zero.circom */
export const isZero: GadgetDefinition<IsZero> = {
    file: "lib/comparison/is-zero.circom",
    parameters: () => [],
    constraints: () => 2,
    expand: ({ system, inputs, outputs }) => {
        requireZeroTest({ system, value: onlyInput({ inputs }), isZero: at(outputs, 0) });
    },
};
