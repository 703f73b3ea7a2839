import { decodeIoSpec, dtypeOf, encodeKey, ProtocolError } from "@assay/protocol";
import { buildCircuit } from "./buildCircuit.ts";
import { sha256 } from "./hash.ts";
import { analyse } from "./integer/analyse.ts";
import { at } from "./integer/at.ts";
import { encodeGraph } from "./integer/serialise.ts";
import { loadModel } from "./loadModel.ts";
import type { Manifest } from "./manifest.ts";
import { writeOnnx } from "./onnx/writeOnnx.ts";
import { quantise } from "./quantise/quantise.ts";
import { readModel } from "./readModel.ts";
import { integerModel } from "./runtime/integerModel.ts";
import { devSetup } from "./setup/devSetup.ts";

/**
 * The development key that belongs to a compiled model, recomputed from its integer graph alone. Throws
 * MODEL_DIR_INVALID when the integer ONNX model is not that graph's, or when `onnx` is given and does not quantise to
 * that graph by the manifest's scales. A key that equals the result was made by the development setup.
 */
export async function rebuildKey({ modelDir, onnx }: { modelDir: string; onnx?: Uint8Array }): Promise<Uint8Array> {
    const { manifest, graph } = await loadModel(modelDir);
    if (onnx !== undefined)
        requireSame({
            what: "graph.json",
            actual: encodeGraph(graphOf({ manifest, onnx })),
            wanted: encodeGraph(graph),
        });
    const analysis = analyse(graph);
    const ioSpec = decodeIoSpec(manifest.ioSpec);
    const names = { input: at(manifest.schema.inputs, 0).name, output: at(manifest.schema.outputs, 0).name };
    const artifact = writeOnnx(integerModel({ analysis, ioSpec, names }));
    if (sha256(artifact) !== manifest.artifact.sha256) throw notRebuilt("the integer ONNX model");
    const { compiled } = await buildCircuit({ analysis, ioSpec, name: manifest.name });
    return encodeKey((await devSetup({ r1cs: compiled.r1cs })).verifyingKey);
}

/** Quantises a float model as a manifest says it was. */
function graphOf({ manifest, onnx }: { manifest: Manifest; onnx: Uint8Array }) {
    const { input, quantisation } = manifest;
    const activationScales = new Map(quantisation.activationScales.map(({ tensor, scaleLog2 }) => [tensor, scaleLog2]));
    const format = { ...input, dtype: dtypeOf(input.dtype).onnx };
    return quantise({ graph: readModel(onnx), precision: { format, weightBits: quantisation.bits, activationScales } });
}

function requireSame({ what, actual, wanted }: { what: string; actual: string; wanted: string }): void {
    if (actual !== wanted) throw notRebuilt(what);
}

function notRebuilt(what: string): ProtocolError {
    return new ProtocolError({ code: "MODEL_DIR_INVALID", message: `Compiling again does not give ${what}.` });
}
