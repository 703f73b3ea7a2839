import { dtypeOf, ProtocolError } from "@assay/protocol";
import { countOf } from "./integer/types.ts";
import type { Manifest } from "./manifest.ts";
import { DTYPE } from "./onnx/dtypes.ts";
import { levelOf } from "./quantise/edges.ts";
import { gridOf, type InputFormat, quantiseElement } from "./quantise/inputFormat.ts";

/**
 * Real inputs, the elements of all input tensors one after the other, as the integers that the model takes; throws
 * MODEL_INPUT_SHAPE or MODEL_INPUT_RANGE.
 */
export function quantiseInput({ inputs }: Pick<Manifest, "inputs">, values: readonly number[]): bigint[] {
    const wanted = inputs.reduce((sum, { shape }) => sum + countOf(shape), 0);
    if (values.length !== wanted) {
        throw new ProtocolError({
            code: "MODEL_INPUT_SHAPE",
            message: `The model takes ${wanted} input elements, got ${values.length}.`,
        });
    }
    let start = 0;
    return inputs.flatMap((input) => {
        const slice = values.slice(start, start + countOf(input.shape));
        start += slice.length;
        const format = formatOf(input);
        const { name, quantisation: rule } = input;
        return slice.map((real, index) => {
            const value = rule === undefined ? real : levelOf({ value: real, rule, dtype: format.dtype });
            return checkedInteger({ name, format, value, index });
        });
    });
}

/** How the manifest says that an input becomes whole numbers. */
export function formatOf({
    dtype,
    bits,
    min,
    max,
    scaleLog2,
    zeroPoint,
    columns,
}: Manifest["inputs"][number]): InputFormat {
    return { dtype: dtypeOf(dtype).onnx, bits, min, max, scaleLog2, zeroPoint, columns };
}

type Element = { name: string; format: InputFormat; value: number; index: number };

function checkedInteger({ name, format, value, index }: Element): bigint {
    const isRaw = format.dtype === DTYPE.FLOAT;
    const isNumber = isRaw ? !Number.isNaN(value) : Number.isFinite(value);
    const integer = isNumber ? quantiseElement({ format, value, index }) : undefined;
    if (integer !== undefined && integer >= format.min && integer <= format.max) return integer;
    const { scaleLog2, zeroPoint } = gridOf({ format, index });
    const real = (whole: bigint) => Number(whole - zeroPoint) * 2 ** -scaleLog2;
    const range = isRaw ? "the numbers" : `${real(format.min)}..${real(format.max)}`;
    throw new ProtocolError({
        code: "MODEL_INPUT_RANGE",
        message: `Element ${index} of "${name}" is ${value}, outside ${range}.`,
    });
}
