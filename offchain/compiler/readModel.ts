import { absorbScalers } from "./graph/absorbScalers.ts";
import { fuseQdq } from "./graph/fuseQdq.ts";
import { importOnnx } from "./graph/importOnnx.ts";
import { keepRawInputs } from "./graph/rawInputs.ts";
import { simplify } from "./graph/simplify.ts";
import type { FloatGraph } from "./graph/types.ts";
import type { OnnxModel } from "./onnx/model.ts";
import { byteFormat } from "./quantise/edges.ts";

/** An ONNX model as a float graph that can be quantised; throws a ProtocolError that says what is not supported. */
export function readModel(model: OnnxModel): FloatGraph {
    const { inputScales, outputScales, ...fused } = fuseQdq(model);
    const graph = importOnnx(fused);
    const inputs = graph.inputs.map((input) => {
        const [format, quantisation] = [input.format ?? byteFormat(input.dtype), inputScales.get(input.tensor)];
        return {
            ...input,
            ...(format === undefined ? {} : { format }),
            ...(quantisation === undefined ? {} : { quantisation }),
        };
    });
    const outputs = graph.outputs.map((output) => {
        const quantisation = outputScales.get(output.name);
        return quantisation === undefined ? output : { ...output, quantisation };
    });
    return keepRawInputs(simplify(absorbScalers({ ...graph, inputs, outputs })));
}
