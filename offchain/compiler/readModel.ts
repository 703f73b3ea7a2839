import { importOnnx } from "./graph/importOnnx.ts";
import { simplify } from "./graph/simplify.ts";
import type { FloatGraph } from "./graph/types.ts";
import { readOnnx } from "./onnx/readOnnx.ts";
import { requireOneInputAndOutput } from "./quantise/ioSpec.ts";

/** An ONNX file as a float graph that can be quantised; throws a ProtocolError that says what is not supported. */
export function readModel(onnx: Uint8Array): FloatGraph {
    const graph = importOnnx(readOnnx(onnx));
    requireOneInputAndOutput(graph);
    return simplify(graph);
}
