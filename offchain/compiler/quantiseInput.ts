import { dtypeOf, ProtocolError } from "@assay/protocol";
import { at } from "./integer/at.ts";
import { countOf } from "./integer/types.ts";
import type { Manifest } from "./manifest.ts";
import { quantiseElement } from "./quantise/inputFormat.ts";

/** Real inputs as the integers that the model takes; throws MODEL_INPUT_SHAPE or MODEL_INPUT_RANGE. */
export function quantiseInput({ input }: Manifest, values: readonly number[]): bigint[] {
    const wanted = countOf(input.shape);
    if (values.length !== wanted) {
        throw new ProtocolError({
            code: "MODEL_INPUT_SHAPE",
            message: `The model takes ${wanted} input elements, got ${values.length}.`,
        });
    }
    const format = { ...input, dtype: dtypeOf(input.dtype).onnx };
    const integers = values.map((value, index) => {
        if (!Number.isFinite(value)) throw outOfRange({ index, value, input });
        return quantiseElement({ format, value });
    });
    const outside = integers.findIndex((integer) => integer < input.min || integer > input.max);
    if (outside !== -1) throw outOfRange({ index: outside, value: at(values, outside), input });
    return integers;
}

type Outside = { index: number; value: number; input: Manifest["input"] };

function outOfRange({ index, value, input: { min, max, scaleLog2, zeroPoint } }: Outside): ProtocolError {
    const real = (integer: bigint) => Number(integer - zeroPoint) * 2 ** -scaleLog2;
    return new ProtocolError({
        code: "MODEL_INPUT_RANGE",
        message: `Element ${index} is ${value}, outside ${real(min)}..${real(max)}.`,
    });
}
