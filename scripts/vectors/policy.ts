import { implies, isCanonical, keccak256, PRESETS, satisfied, uintToHex } from "@assay/protocol";
import { policyCases } from "../../test/offchain/protocol/_policyCases.ts";

/** How many of the generated cases are stored: every n-th. The digest pins all of them. */
const STORE_EVERY = 40;

/** Verdicts over policy words: the presets, a sample of the generated cases, and a digest over all of them. */
export function policyVectors() {
    const cases = policyCases().map(({ word, masks, floor }) => ({
        word: uintToHex(word),
        isCanonical: isCanonical(word),
        masks,
        satisfied: masks.map((mask) => satisfied(word, mask)),
        floor: uintToHex(floor),
        implies: implies(word, floor),
    }));
    return {
        presets: Object.entries(PRESETS).map(([name, word]) => ({
            name,
            word: uintToHex(word),
            satisfiedOf1024: Array.from({ length: 1024 }, (_, mask) => mask).filter((mask) => satisfied(word, mask))
                .length,
        })),
        generated: cases.length,
        digestOfGenerated: keccak256(new TextEncoder().encode(JSON.stringify(cases))),
        sample: cases.filter((_, i) => i % STORE_EVERY === 0),
    };
}
