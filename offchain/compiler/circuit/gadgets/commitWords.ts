import { at } from "../../integer/at.ts";
import type { LinearCombination } from "../plan.ts";
import { constant, scaled, sumOf, times } from "../system/algebra.ts";
import { WORDS_PER_HASH } from "./bindWords.ts";
import type { GadgetDefinition } from "./definition.ts";
import { permute, poseidon16 } from "./poseidon16.ts";

/** Holds `count` words, count >= 1, to a commitment. */
export type CommitWords = { template: "CommitWords"; count: number };

/** lib/commit/commit-words.circom: inputs are the words, the salt and the hash. */
export const commitWords: GadgetDefinition<CommitWords> = {
    file: "lib/commit/commit-words.circom",
    parameters: ({ count }) => [count],
    constraints: ({ count }) => Math.ceil(count / WORDS_PER_HASH) * poseidon16.constraints({ template: "Poseidon16" }),
    expand: ({ system, gadget: { count }, inputs }) => {
        const words = at(inputs, 0);
        const blocks = Math.ceil(count / WORDS_PER_HASH);
        let before = at(at(inputs, 1), 0);
        for (let block = 0; block < blocks; block++) {
            const taken = words.slice(block * WORDS_PER_HASH, (block + 1) * WORDS_PER_HASH);
            const padding = new Array<LinearCombination>(WORDS_PER_HASH - taken.length).fill(constant(0n));
            const component = system.component(`step[${block}]`);
            const isLast = block === blocks - 1;
            const [y = 0] = isLast ? [] : component.signals({ name: "y" });
            const after = permute({ system: component, elements: [before, ...taken, ...padding] });
            if (isLast) component.constrain({ equals: sumOf([after, scaled(at(at(inputs, 2), 0), -1n)]) });
            else component.assign({ target: y, plus: after });
            before = times(y);
        }
    },
};
