import { ProtocolError } from "@assay/protocol";
import type { Analysis } from "../integer/analyse.ts";
import type { Value, Writer } from "./_writer.ts";

/** One node of the integer graph and where its ONNX form goes. */
export type NodeWriting<N> = { analysis: Analysis; writer: Writer; values: ReadonlyMap<string, Value>; node: N };

/** For a tensor too wide for every type; the quantiser refuses such graphs before. */
export function noExactKernel(tensor: string): ProtocolError {
    return new ProtocolError({ code: "MODEL_INTERVAL_OVERFLOW", message: `Tensor "${tensor}" fits no element type.` });
}
