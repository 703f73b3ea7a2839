import { ProtocolError } from "@assay/protocol";
import { DTYPE, type Dtype } from "../onnx/dtypes.ts";
import type { OnnxTensor } from "../onnx/model.ts";
import type { ConstantOperand } from "./operators/operator.ts";

/** Whole numbers beyond this are not all doubles. */
const WHOLE_LIMIT = 2 ** 53;

/**
 * What an element type makes of computed values: float32 to the nearest, bool to 0 or 1, whole numbers as they are.
 * undefined when a whole number may have been rounded already.
 */
export function roundTo({ dtype, values }: { dtype: Dtype; values: ArrayLike<number> }): Float64Array | undefined {
    if (dtype === DTYPE.FLOAT) return Float64Array.from(values, Math.fround);
    if (dtype === DTYPE.DOUBLE) return Float64Array.from(values);
    if (dtype === DTYPE.BOOL) return Float64Array.from(values, (value) => (value === 0 ? 0 : 1));
    const whole = Float64Array.from(values);
    // the greatest int64 stands for "to the end" and may pass
    return whole.every((value) => Math.abs(value) <= WHOLE_LIMIT || Math.abs(value) === 2 ** 63) ? whole : undefined;
}

/** A tensor of the file as doubles; throws when an element is not a finite number or is too large to be exact. */
export function constantOperand({ name, tensor }: { name: string; tensor: OnnxTensor }): ConstantOperand {
    const values = Float64Array.from(tensor.data, Number);
    const index = values.findIndex((value) => !Number.isFinite(value));
    if (index !== -1) {
        throw new ProtocolError({
            code: "MODEL_WEIGHT_NOT_FINITE",
            message: `Element ${index} of "${name}" is ${values[index]}.`,
        });
    }
    return { kind: "constant", name, dtype: tensor.dtype, shape: [...tensor.shape], values };
}
