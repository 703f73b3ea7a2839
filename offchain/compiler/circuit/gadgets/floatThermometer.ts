import { at } from "../../integer/at.ts";
import { GREATEST_KEY, LEAST_KEY, ZERO_KEY } from "../../integer/floatKey.ts";
import { constant, scaled, shifted, sumOf, times } from "../system/algebra.ts";
import { type GadgetDefinition, onlyInput } from "./definition.ts";
import { thermometer } from "./thermometer.ts";

/**
 * Which thresholds a float32 number reaches, from its raw bits. `thresholds` are ascending keys, that of +0 among them.
 */
export type FloatThermometer = { template: "FloatThermometer"; thresholds: readonly bigint[] };

const SPAN = 1n << 32n;

/** lib/trees/float-thermometer.circom */
export const floatThermometer: GadgetDefinition<FloatThermometer> = {
    file: "lib/trees/float-thermometer.circom",
    parameters: ({ thresholds }) => [thresholds.length, ladderOf(thresholds), thresholds.indexOf(ZERO_KEY) + 1],
    constraints: ({ thresholds }) =>
        thermometer.constraints({ template: "Thermometer", ladder: ladderOf(thresholds) }) + 1,
    expand: ({ system, gadget: { thresholds }, inputs, outputs }) => {
        const x = onlyInput({ inputs });
        const key = at(system.signals({ name: "key" }), 0);
        system.hint({
            targets: [key],
            inputs: [x],
            compute: ([bits = 0n]) => [bits < ZERO_KEY ? bits + ZERO_KEY : SPAN - 1n - bits],
        });
        thermometer.expand({
            system: system.component("steps"),
            gadget: { template: "Thermometer", ladder: ladderOf(thresholds) },
            inputs: [[times(key)]],
            outputs,
        });
        const positive = times(at(outputs, thresholds.indexOf(ZERO_KEY)));
        system.constrain({
            left: positive,
            right: shifted(scaled(x, 2n), 1n - ZERO_KEY),
            equals: sumOf([times(key), x, constant(1n - SPAN)]),
        });
    },
};

/** The keys of -inf and, one above it, +inf around the thresholds. */
function ladderOf(thresholds: readonly bigint[]): bigint[] {
    return [LEAST_KEY, ...thresholds, GREATEST_KEY + 1n];
}
