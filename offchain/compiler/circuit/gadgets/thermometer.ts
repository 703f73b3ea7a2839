import { at } from "../../integer/at.ts";
import { bitLength, greatestOf } from "../../integer/bigMath.ts";
import type { LinearCombination } from "../plan.ts";
import { constant, scaled, shifted, sumOf, times } from "../system/algebra.ts";
import type { SystemBuilder } from "../system/builder.ts";
import type { Wire } from "../system/r1cs.ts";
import { bitsOf, decompose } from "./_bits.ts";
import { type GadgetDefinition, onlyInput } from "./definition.ts";

/**
 * Which thresholds x reaches. `ladder` holds the least value of x, the thresholds and one more than the greatest value,
 * strictly ascending.
 */
export type Thermometer = { template: "Thermometer"; ladder: readonly bigint[] };

/** lib/trees/thermometer.circom */
export const thermometer: GadgetDefinition<Thermometer> = {
    file: "lib/trees/thermometer.circom",
    parameters: ({ ladder }) => [ladder.length - 2, ladder],
    constraints: ({ ladder }) => ladder.length - 2 + 2 * gapBits(ladder),
    expand: ({ system, gadget: { ladder }, inputs, outputs }) => {
        const x = onlyInput({ inputs });
        const thresholds = ladder.slice(1, -1);
        system.hint({
            targets: outputs,
            inputs: [x],
            compute: ([value = 0n]) => thresholds.map((threshold) => (value >= threshold ? 1n : 0n)),
        });
        for (const [index, bit] of outputs.entries()) {
            const before = index === 0 ? constant(1n) : times(at(outputs, index - 1));
            system.constrain({ left: times(bit), right: sumOf([before, times(bit, -1n)]), equals: constant(0n) });
        }
        const dims = [gapBits(ladder) - 1];
        const [aboveBit, belowBit] = [
            system.signals({ name: "aboveBit", dims }),
            system.signals({ name: "belowBit", dims }),
        ];
        const [floor, ceiling] = [0, 1].map((step) => rung({ ladder, outputs, step }));
        if (floor === undefined || ceiling === undefined) throw new RangeError("Two rungs were asked for");
        distance({ system, bits: aboveBit, value: sumOf([x, scaled(floor, -1n)]) });
        distance({ system, bits: belowBit, value: sumOf([shifted(ceiling, -1n), scaled(x, -1n)]) });
    },
};

/** Bits of the widest gap less 1, at least 1. */
export function gapBits(ladder: readonly bigint[]): number {
    const gaps = ladder.slice(1).map((value, index) => value - at(ladder, index));
    return bitLength(greatestOf([2n, ...gaps]) - 1n);
}

/** ladder[step + j], j being the number of ones among the outputs. */
function rung({ ladder, outputs, step }: { ladder: readonly bigint[]; outputs: readonly Wire[]; step: number }) {
    const steps = outputs.map((bit, index) => times(bit, at(ladder, index + step + 1) - at(ladder, index + step)));
    return sumOf([constant(at(ladder, step)), ...steps]);
}

type Distance = { system: SystemBuilder; bits: readonly Wire[]; value: LinearCombination };

function distance({ system, bits, value }: Distance): void {
    system.hint({
        targets: bits,
        inputs: [value],
        compute: ([size = 0n]) => bitsOf({ value: size, from: 1, count: bits.length }),
    });
    decompose({ system, bits, value });
}
