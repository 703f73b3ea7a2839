import { at } from "../../integer/at.ts";
import { INFINITY_BITS, ZERO_KEY } from "../../integer/floatKey.ts";
import { sumOf, times } from "../system/algebra.ts";
import { requireBoolean } from "./_bits.ts";
import { type GadgetDefinition, onlyInput } from "./definition.ts";
import { rangeCheckBound } from "./rangeCheckBound.ts";

/** The raw bits of a float32 number that is not NaN. */
export type FloatRange = { template: "FloatRange" };

const MAGNITUDE = { template: "RangeCheckBound", min: 0n, max: INFINITY_BITS } as const;

/** lib/trees/float-range.circom */
export const floatRange: GadgetDefinition<FloatRange> = {
    file: "lib/trees/float-range.circom",
    parameters: () => [],
    constraints: () => rangeCheckBound.constraints(MAGNITUDE) + 2,
    expand: ({ system, inputs }) => {
        const x = onlyInput({ inputs });
        const sign = at(system.signals({ name: "sign" }), 0);
        system.hint({ targets: [sign], inputs: [x], compute: ([bits = 0n]) => [bits >= ZERO_KEY ? 1n : 0n] });
        requireBoolean({ system, value: times(sign) });
        const component = system.component("magnitude");
        const magnitude = at(component.signals({ name: "x" }), 0);
        component.assign({ target: magnitude, plus: sumOf([x, times(sign, -ZERO_KEY)]) });
        rangeCheckBound.expand({ system: component, gadget: MAGNITUDE, inputs: [[times(magnitude)]], outputs: [] });
    },
};
