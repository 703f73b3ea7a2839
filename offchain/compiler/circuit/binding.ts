import { elementsPerWord, type IoSpec, isBound, ProtocolError, type Side, sideDtype } from "@assay/protocol";
import type { Bounds } from "../integer/interval.ts";
import { gadgetConstraints } from "./gadgets.ts";
import type { BindingPlan, SettledElement, WordPlan } from "./plan.ts";

/** Plans the public words of DESIGN section 4 and counts what they cost. */
export function planBinding({
    ioSpec,
    input,
    output,
}: {
    ioSpec: IoSpec;
    input: SettledElement[];
    output: SettledElement[];
}) {
    const plan: BindingPlan = {
        isBound: isBound(ioSpec),
        inputWords: wordsOf({ side: ioSpec.input, elements: input }),
        outputWords: wordsOf({ side: ioSpec.output, elements: output }),
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

function bindingConstraints({ isBound, inputWords, outputWords }: BindingPlan): number {
    const words = [...inputWords, ...outputWords];
    const statement = 1;
    return statement + words.length + (isBound ? gadgetConstraints({ template: "BindWords", count: words.length }) : 0);
}
