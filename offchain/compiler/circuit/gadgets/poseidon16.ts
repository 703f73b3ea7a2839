import { at } from "../../integer/at.ts";
import type { LinearCombination } from "../plan.ts";
import { shifted, times } from "../system/algebra.ts";
import type { SystemBuilder } from "../system/builder.ts";
import type { Wire } from "../system/r1cs.ts";
import { type Mix, POSEIDON_BOXES, poseidonLayout } from "./_poseidonLayout.ts";
import type { GadgetDefinition } from "./definition.ts";

/** Poseidon of 16 elements, t = 17. */
export type Poseidon16 = { template: "Poseidon16" };

const S_BOX_CONSTRAINTS = 3;

/** lib/commit/poseidon-16.circom */
export const poseidon16: GadgetDefinition<Poseidon16> = {
    file: "lib/commit/poseidon-16.circom",
    parameters: () => [],
    constraints: () => S_BOX_CONSTRAINTS * POSEIDON_BOXES + 1,
    expand: ({ system, inputs, outputs }) => {
        system.assign({ target: at(outputs, 0), plus: permute({ system, elements: at(inputs, 0) }) });
    },
};

type Permutation = { system: SystemBuilder; elements: readonly LinearCombination[] };

/** All of the template but its output: what y is a name for. */
export function permute({ system, elements }: Permutation): LinearCombination {
    const { boxes, output } = poseidonLayout();
    const dims = [POSEIDON_BOXES];
    const square = system.signals({ name: "square", dims });
    const fourth = system.signals({ name: "fourth", dims });
    const fifth = system.signals({ name: "fifth", dims });
    for (const [box, mix] of boxes.entries()) {
        const element = elements[box];
        const base = element === undefined ? combinationOf({ mix, fifth }) : shifted(element, mix.constant);
        system.assign({ target: at(square, box), left: base, right: base });
        const squared = times(at(square, box));
        system.assign({ target: at(fourth, box), left: squared, right: squared });
        system.assign({ target: at(fifth, box), left: times(at(fourth, box)), right: base });
    }
    return combinationOf({ mix: output, fifth });
}

function combinationOf({ mix, fifth }: { mix: Mix; fifth: readonly Wire[] }): LinearCombination {
    const terms = mix.terms.map(({ box, weight }) => ({ signal: at(fifth, box), weight }));
    return { constant: mix.constant, terms };
}
