import type { LinearCombination } from "../plan.ts";
import { constant, times } from "../system/algebra.ts";
import type { SystemBuilder } from "../system/builder.ts";
import { inverse } from "../system/field.ts";
import type { Wire } from "../system/r1cs.ts";

type ZeroTest = { system: SystemBuilder; value: LinearCombination; isZero: Wire };

/** isZero = 1 - value * inverse and value * isZero = 0, with a signal `inverse` of the component's own. */
export function requireZeroTest({ system, value, isZero }: ZeroTest): void {
    const [factor = 0] = system.signals({ name: "inverse" });
    system.hint({
        targets: [factor],
        inputs: [value],
        compute: ([given = 0n]) => [given === 0n ? 0n : inverse(given)],
    });
    system.assign({ target: isZero, left: times(factor, -1n), right: value, plus: constant(1n) });
    system.constrain({ left: value, right: times(isZero), equals: constant(0n) });
}
