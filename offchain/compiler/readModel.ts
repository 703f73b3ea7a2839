import { importOnnx } from "./graph/importOnnx.ts";
import { simplify } from "./graph/simplify.ts";
import type { FloatGraph } from "./graph/types.ts";
import type { OnnxModel } from "./onnx/model.ts";

/** An ONNX model as a float graph that can be quantised; throws a ProtocolError that says what is not supported. */
export function readModel(model: OnnxModel): FloatGraph {
    return simplify(importOnnx(model));
}
