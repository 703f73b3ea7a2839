import { at } from "../../integer/at.ts";
import type { LinearCombination } from "../plan.ts";
import { constant, scaled, shifted, sumOf, times } from "../system/algebra.ts";
import { bitsOf, decompose, requireBoolean } from "./_bits.ts";
import type { Expansion, GadgetDefinition } from "./definition.ts";

/** Index of the first greatest of `count` values that differ by less than 2^bits. */
export type ArgMax = { template: "ArgMax"; count: number; bits: number };

/** lib/selection/arg-max.circom */
export const argMax: GadgetDefinition<ArgMax> = {
    file: "lib/selection/arg-max.circom",
    parameters: ({ count, bits }) => [count, bits],
    constraints: ({ count, bits }) => (count - 1) * (bits + 1) + 2 * (count - 2),
    expand: ({ system, gadget: { count, bits }, inputs, outputs }) => {
        const x = at(inputs, 0);
        const index = at(outputs, 0);
        // Of two values, the one comparison is the index itself
        const greater = count === 2 ? [index] : system.signals({ name: "greater", dims: [count - 1] });
        const bit = system.signals({ name: "bit", dims: [count - 1, bits - 1] });
        const best = system.signals({ name: "best", dims: [count - 2] });
        const position = [...system.signals({ name: "position", dims: [Math.max(0, count - 3)] }), index];
        let leader = at(x, 0);
        let leaderIndex: LinearCombination = constant(0n);
        for (let j = 1; j < count; j++) {
            const isGreater = at(greater, j - 1);
            const challenger = at(x, j);
            const lead = sumOf([challenger, scaled(leader, -1n)]);
            compare({ system, lead, bits, isGreater, bit: bit.slice((j - 1) * (bits - 1), j * (bits - 1)) });
            if (j < count - 1) {
                const target = at(best, j - 1);
                system.assign({ target, left: times(isGreater), right: lead, plus: leader });
                leader = times(target);
            }
            if (j === 1) {
                leaderIndex = times(isGreater);
            } else {
                const target = at(position, j - 2);
                const right = shifted(scaled(leaderIndex, -1n), BigInt(j));
                system.assign({ target, left: times(isGreater), right, plus: leaderIndex });
                leaderIndex = times(target);
            }
        }
    },
};

type Comparison = Pick<Expansion<ArgMax>, "system"> & {
    lead: LinearCombination;
    bits: number;
    isGreater: number;
    bit: readonly number[];
};

/** lead - 1 + 2^bits = 2^bits * isGreater + the bits: isGreater = 1 iff lead > 0. */
function compare({ system, lead, bits, isGreater, bit }: Comparison): void {
    const span = 1n << BigInt(bits);
    const offset = shifted(lead, span - 1n);
    system.hint({
        targets: [isGreater, ...bit],
        inputs: [offset],
        compute: ([value = 0n]) => [value >= span ? 1n : 0n, ...bitsOf({ value, from: 1, count: bits - 1 })],
    });
    requireBoolean({ system, value: times(isGreater) });
    decompose({ system, bits: bit, value: sumOf([offset, times(isGreater, -span)]) });
}
