import { at } from "../../integer/at.ts";
import { scaled, shifted, sumOf } from "../system/algebra.ts";
import type { Expansion, GadgetDefinition } from "./definition.ts";

/** One word of `count` unsigned elements of `sizeBytes` each. */
export type PackWord = { template: "PackWord"; count: number; sizeBytes: number };
/** One word of `count` signed elements in offset binary. */
export type PackSignedWord = { template: "PackSignedWord"; count: number; sizeBytes: number };

const WORD_BYTES = 31;

/** lib/binding/pack-word.circom */
export const packWord: GadgetDefinition<PackWord> = {
    file: "lib/binding/pack-word.circom",
    parameters: ({ count, sizeBytes }) => [count, sizeBytes],
    constraints: () => 1,
    expand: (expansion) => pack({ ...expansion, offset: 0n }),
};

/** lib/binding/pack-signed-word.circom */
export const packSignedWord: GadgetDefinition<PackSignedWord> = {
    file: "lib/binding/pack-signed-word.circom",
    parameters: ({ count, sizeBytes }) => [count, sizeBytes],
    constraints: () => 1,
    expand: (expansion) => pack({ ...expansion, offset: 1n << BigInt(8 * expansion.gadget.sizeBytes - 1) }),
};

/** word <== sum of the elements, and of the offset at every place of the word, at their weights. */
function pack({
    system,
    gadget: { sizeBytes },
    inputs,
    outputs,
    offset,
}: Expansion<Packing> & { offset: bigint }): void {
    const elements = at(inputs, 0);
    const perWord = Math.floor(WORD_BYTES / sizeBytes);
    const weights = Array.from({ length: perWord }, (_, place) => 1n << BigInt(8 * sizeBytes * (perWord - 1 - place)));
    const digits = elements.map((element, place) => scaled(element, at(weights, place)));
    const offsets = weights.reduce((sum, weight) => sum + offset * weight, 0n);
    system.assign({ target: at(outputs, 0), plus: shifted(sumOf(digits), offsets) });
}

type Packing = PackWord | PackSignedWord;
