import { at } from "../../integer/at.ts";
import type { LinearCombination } from "../plan.ts";
import { constant, times } from "../system/algebra.ts";
import type { GadgetDefinition } from "./definition.ts";
import { poseidon16 } from "./poseidon16.ts";

/** Commitment to `count` words, count >= 2, and their polynomial at a challenge. */
export type BindWords = { template: "BindWords"; count: number };

/** Words that one hash takes, beside the hash before it. */
export const WORDS_PER_HASH = 15;

/** lib/binding/bind-words.circom: inputs are the words and r, outputs c and e. */
export const bindWords: GadgetDefinition<BindWords> = {
    file: "lib/binding/bind-words.circom",
    parameters: ({ count }) => [count],
    constraints: ({ count }) =>
        Math.ceil(count / WORDS_PER_HASH) * poseidon16.constraints({ template: "Poseidon16" }) + count - 1,
    expand: ({ system, gadget: { count }, inputs, outputs }) => {
        const words = at(inputs, 0);
        const r = at(at(inputs, 1), 0);
        const blocks = Math.ceil(count / WORDS_PER_HASH);
        let hash = constant(BigInt(count));
        for (let block = 0; block < blocks; block++) {
            const taken = words.slice(block * WORDS_PER_HASH, (block + 1) * WORDS_PER_HASH);
            const padding = new Array<LinearCombination>(WORDS_PER_HASH - taken.length).fill(constant(0n));
            const component = system.component(`hash[${block}]`);
            const [y = 0] = block === blocks - 1 ? outputs : component.signals({ name: "y" });
            poseidon16.expand({
                system: component,
                gadget: { template: "Poseidon16" },
                inputs: [[hash, ...taken, ...padding]],
                outputs: [y],
            });
            hash = times(y);
        }
        const horner = system.signals({ name: "horner", dims: [count - 2] });
        let tail = at(words, count - 1);
        for (let index = count - 2; index >= 0; index--) {
            const target = index === 0 ? at(outputs, 1) : at(horner, index - 1);
            system.assign({ target, left: tail, right: r, plus: at(words, index) });
            tail = times(target);
        }
    },
};
