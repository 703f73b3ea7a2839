import { elementsPerWord, type IoSpec, isBound, ProtocolError, type Side, sideDtype } from "@assay/protocol";
import { at } from "../integer/at.ts";
import type { Bounds } from "../integer/interval.ts";
import type { PrivateParameters } from "../integer/privateParameters.ts";
import { gadgetConstraints } from "./gadgets.ts";
import { planParameterCommitment } from "./parameters.ts";
import type { BindingPlan, SettledElement, SignalArray, WordPlan } from "./plan.ts";

/** Plans the public words and the commitments of DESIGN section 4 and counts what they cost. */
export function planBinding({
    ioSpec,
    input,
    output,
    hidden,
}: {
    ioSpec: IoSpec;
    input: SettledElement[];
    output: SettledElement[];
    /** Parameters of the model that are committed, and their signals. */
    hidden?: { parameters: PrivateParameters; array: SignalArray } | undefined;
}) {
    const sides = [
        { name: "input", side: ioSpec.input, words: wordsOf({ side: ioSpec.input, elements: input }) },
        { name: "output", side: ioSpec.output, words: wordsOf({ side: ioSpec.output, elements: output }) },
    ] as const;
    const publicWords = sides.map(({ side, words }) => (side.committed ? [] : words));
    const plan: BindingPlan = {
        isBound: isBound(ioSpec),
        inputWords: at(publicWords, 0),
        outputWords: at(publicWords, 1),
        commitments: [
            ...sides.filter(({ side }) => side.committed).map(({ name, words }) => ({ name, words })),
            ...(hidden === undefined ? [] : [planParameterCommitment(hidden)]),
        ],
    };
    return { plan, constraints: bindingConstraints(plan) };
}

/** Throws MODEL_INTERVAL_OVERFLOW for an element that its type cannot hold: in a word it would run into its neighbour. */
export function requireDigits({ side, bounds }: { side: Side; bounds: readonly Bounds[] }): void {
    const { name, size, signed } = sideDtype(side);
    const span = 1n << BigInt(8 * size);
    const least = signed ? -span / 2n : 0n;
    const outside = bounds.findIndex(({ lo, hi }) => lo < least || hi >= least + span);
    if (outside === -1) return;
    throw new ProtocolError({
        code: "MODEL_INTERVAL_OVERFLOW",
        message: `Element ${outside} may leave its type ${name}.`,
    });
}

function wordsOf({ side, elements }: { side: Side; elements: SettledElement[] }): WordPlan[] {
    const dtype = sideDtype(side);
    const perWord = elementsPerWord(dtype);
    return Array.from({ length: Math.ceil(elements.length / perWord) }, (_, word) => ({
        isSigned: dtype.signed,
        sizeBytes: dtype.size,
        elements: elements.slice(word * perWord, (word + 1) * perWord),
    }));
}

function bindingConstraints({ isBound, inputWords, outputWords, commitments }: BindingPlan): number {
    const words = [...inputWords, ...outputWords];
    const statement = 1;
    const committed = commitments.map(
        ({ words: { length: count } }) => count + gadgetConstraints({ template: "CommitWords", count }),
    );
    const binding = isBound ? gadgetConstraints({ template: "BindWords", count: words.length }) : 0;
    return committed.reduce((sum, constraints) => sum + constraints, statement + words.length + binding);
}
