import { ProtocolError } from "@assay/protocol";
import type { OnnxTensor } from "../onnx/model.ts";
import type { ConstantOperand } from "./operators/operator.ts";

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
