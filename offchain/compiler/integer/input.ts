import { ProtocolError } from "@assay/protocol";
import { at } from "./at.ts";
import { isNumber } from "./floatKey.ts";
import { countOf, type IntegerGraph, shapeOf } from "./types.ts";

/** Cuts a flat input into the graph's input tensors; throws when the count or an element is not what the graph declares. */
export function splitInput({ graph, input }: { graph: IntegerGraph; input: readonly bigint[] }): Map<string, bigint[]> {
    const values = new Map<string, bigint[]>();
    let start = 0;
    for (const { tensor, min, max, encoding } of graph.inputs) {
        const slice = input.slice(start, start + countOf(shapeOf({ graph, tensor })));
        const outside = slice.findIndex((value) => value < min || value > max);
        if (outside !== -1) throw outOfRange({ tensor, index: outside, value: at(slice, outside), min, max });
        const unordered = encoding === "float32" ? slice.findIndex((value) => !isNumber(value)) : -1;
        if (unordered !== -1) throw notANumber({ tensor, index: unordered });
        values.set(tensor, slice);
        start += countOf(shapeOf({ graph, tensor }));
    }
    if (input.length !== start) {
        throw new ProtocolError({
            code: "MODEL_INPUT_SHAPE",
            message: `The model takes ${start} input elements, got ${input.length}.`,
        });
    }
    return values;
}

function notANumber({ tensor, index }: { tensor: string; index: number }): ProtocolError {
    return new ProtocolError({
        code: "MODEL_INPUT_RANGE",
        message: `Element ${index} of input "${tensor}" is NaN, which no comparison can route.`,
    });
}

type Outside = { tensor: string; index: number; value: bigint; min: bigint; max: bigint };

function outOfRange({ tensor, index, value, min, max }: Outside): ProtocolError {
    return new ProtocolError({
        code: "MODEL_INPUT_RANGE",
        message: `Element ${index} of input "${tensor}" is ${value}, outside ${min}..${max}.`,
    });
}
