import { at } from "../../integer/at.ts";
import { constant, scaled, shifted, sumOf } from "../system/algebra.ts";
import { requireZeroTest } from "./_zeroTest.ts";
import type { GadgetDefinition } from "./definition.ts";

/** 1 where `bits` bits are those of a pattern, lowest first, else 0. */
export type Matches = { template: "Matches"; bits: number; pattern: bigint };

/** lib/comparison/matches.circom */
export const matches: GadgetDefinition<Matches> = {
    file: "lib/comparison/matches.circom",
    parameters: ({ bits, pattern }) => [bits, pattern],
    constraints: () => 2,
    expand: ({ system, gadget: { pattern }, inputs, outputs }) => {
        const differences = at(inputs, 0).map((bit, index) =>
            ((pattern >> BigInt(index)) & 1n) === 1n ? shifted(scaled(bit, -1n), 1n) : bit,
        );
        requireZeroTest({ system, value: sumOf([constant(0n), ...differences]), isZero: at(outputs, 0) });
    },
};
