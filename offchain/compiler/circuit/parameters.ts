import { encodeTensor, poseidonChain, wordsOf } from "@assay/protocol";
import { at } from "../integer/at.ts";
import { type ParameterBlock, type PrivateParameters, parameterBounds, rangeOf } from "../integer/privateParameters.ts";
import { type Builder, elementsOf } from "./_builder.ts";
import type { CommitmentPlan, ParameterPlan, SignalArray, WordPlan } from "./plan.ts";

/** Declares the private parameters and holds every one to its range: packed words are digits only of such. */
export function lowerParameters({
    builder,
    parameters,
}: {
    builder: Builder;
    parameters: PrivateParameters;
}): ParameterPlan {
    builder.openLayer({ op: "parameters", name: `${parameters.values.length} weights and biases` });
    const array = builder.declare({ name: "w", isNumbered: false, bounds: parameterBounds(parameters) });
    const elements = elementsOf(array);
    for (const block of parameters.blocks) {
        const { lo: min, hi: max } = rangeOf(block);
        for (const element of elements.slice(block.first, block.first + block.count)) {
            const gadget = { template: "RangeCheckBound", min, max } as const;
            builder.gadget({ gadget, inputs: [element], output: { kind: "none" } });
        }
    }
    return { array, values: parameters.values, salt: parameters.salt };
}

/** The commitment to all parameters; a constant, so that the verifying key still is the model. */
export function planParameterCommitment({
    parameters,
    array,
}: {
    parameters: PrivateParameters;
    array: SignalArray;
}): CommitmentPlan {
    const elements = elementsOf(array);
    const words = parameters.blocks.flatMap((block): WordPlan[] => {
        const { sizeBytes, perWord } = packingOf(block);
        const own = elements.slice(block.first, block.first + block.count);
        return Array.from({ length: Math.ceil(own.length / perWord) }, (_, word) => ({
            isSigned: true,
            sizeBytes,
            elements: own.slice(word * perWord, (word + 1) * perWord),
        }));
    });
    return { name: "parameters", words, hash: parametersHash(parameters) };
}

/** What a circuit of committed parameters has of them: the chain over their words that starts with the salt. */
export function parametersHash({ salt, values, blocks }: PrivateParameters): bigint {
    const words = blocks.flatMap((block) => {
        const { dtype } = packingOf(block);
        return wordsOf({ dtype, bytes: encodeTensor({ dtype, values: valuesOf({ values, block }) }) });
    });
    return poseidonChain({ start: salt, words });
}

const SIGNED_TYPES = [
    { dtype: "int8", sizeBytes: 1, perWord: 31 },
    { dtype: "int16", sizeBytes: 2, perWord: 15 },
    { dtype: "int32", sizeBytes: 4, perWord: 7 },
    { dtype: "int64", sizeBytes: 8, perWord: 3 },
] as const;

/** The narrowest type that holds a block's range. */
function packingOf({ bits }: ParameterBlock): (typeof SIGNED_TYPES)[number] {
    return at(
        SIGNED_TYPES.filter(({ sizeBytes }) => bits <= 8 * sizeBytes),
        0,
    );
}

function valuesOf({ values, block }: { values: readonly bigint[]; block: ParameterBlock }): bigint[] {
    return values.slice(block.first, block.first + block.count);
}
