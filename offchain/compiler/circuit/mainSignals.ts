import type { BindingPlan, CommitmentPlan, WordPlan } from "./plan.ts";

/** Public inputs of a circuit, in the order of its public signals; they stand behind the outputs. */
export function publicInputsOf({ isBound, commitments }: BindingPlan): string[] {
    const hashes = commitments.filter(({ hash }) => hash === undefined).map(({ name }) => `${name}Hash`);
    return [...(isBound ? ["r"] : []), ...hashes, "bind"];
}

/** Private inputs besides the model's own. */
export function saltsOf({ commitments }: BindingPlan): string[] {
    return commitments.map(({ name }) => `${name}Salt`);
}

/** The arrays of public words of a packed circuit, in the order of its public signals. */
export function packedSides({ inputWords, outputWords }: BindingPlan): { name: string; words: WordPlan[] }[] {
    const sides = [
        { name: "outputWords", words: outputWords },
        { name: "inputWords", words: inputWords },
    ];
    return sides.filter(({ words }) => words.length > 0);
}

/** Names of all public signals, in order. */
export function publicSignalNames(binding: BindingPlan): string[] {
    const outputs = binding.isBound
        ? ["c", "e"]
        : packedSides(binding).flatMap(({ name, words }) => words.map((_, index) => `${name}[${index}]`));
    return [...outputs, ...publicInputsOf(binding)];
}

/** The array of words that a commitment is to. */
export function committedWords({ name }: CommitmentPlan): string {
    return `${name}Committed`;
}
