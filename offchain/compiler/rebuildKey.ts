import {
    decodeIoSpec,
    dtypeOf,
    encodeIoSpec,
    encodeKey,
    ProtocolError,
    schemaHashOf,
    sideDtype,
} from "@assay/protocol";
import { buildCircuit } from "./buildCircuit.ts";
import { MODEL_FILES } from "./files.ts";
import { sha256 } from "./hash.ts";
import { type Analysis, analyse } from "./integer/analyse.ts";
import { at } from "./integer/at.ts";
import { encodeGraph } from "./integer/serialise.ts";
import { found, shapeOf } from "./integer/types.ts";
import { loadModel } from "./loadModel.ts";
import type { Manifest } from "./manifest.ts";
import { writeOnnx } from "./onnx/writeOnnx.ts";
import { ioSpecOf } from "./quantise/ioSpec.ts";
import { quantise } from "./quantise/quantise.ts";
import { readModel } from "./readModel.ts";
import { integerModel } from "./runtime/integerModel.ts";
import { devSetup } from "./setup/devSetup.ts";

/**
 * The development key that belongs to a compiled model, recomputed from its integer graph alone. Throws
 * MODEL_DIR_INVALID when the integer ONNX model, the circuit, its element types or its input range are not that graph's,
 * or when `onnx` is given and does not quantise to that graph by the manifest's scales. A key that equals the result was
 * made by the development setup.
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
    requireSides({ manifest, analysis });
    const ioSpec = decodeIoSpec(manifest.ioSpec);
    const names = { input: at(manifest.schema.inputs, 0).name, output: at(manifest.schema.outputs, 0).name };
    const artifact = writeOnnx(integerModel({ analysis, ioSpec, names }));
    if (sha256(artifact) !== manifest.artifact.sha256) throw notRebuilt("the integer ONNX model");
    const { source, r1cs, sym } = buildCircuit({ analysis, ioSpec, name: manifest.name });
    const circuit: [string, Uint8Array | string][] = [
        [MODEL_FILES.circuit, source],
        [MODEL_FILES.r1cs, r1cs],
        [MODEL_FILES.sym, sym],
    ];
    for (const [what, content] of circuit) {
        const wanted = found({ map: new Map(Object.entries(manifest.files)), name: what });
        requireSame({ what, actual: sha256(content), wanted });
    }
    return encodeKey((await devSetup({ r1cs })).verifyingKey);
}

/** Element types, shapes and range are what the gate and callers go by: the graph decides them, not the manifest. */
function requireSides({ manifest, analysis }: { manifest: Manifest; analysis: Analysis }): void {
    const { graph } = analysis;
    const { tensor, min, max } = at(graph.inputs, 0);
    requireSame({
        what: "the input range",
        actual: `${min}..${max}`,
        wanted: `${manifest.input.min}..${manifest.input.max}`,
    });
    const ioSpec = ioSpecOf({ analysis, format: formatOf(manifest) });
    requireSame({ what: "the ioSpec", actual: `${encodeIoSpec(ioSpec)}`, wanted: `${manifest.ioSpec}` });
    const { inputs, outputs } = manifest.schema;
    const dtypes = { input: sideDtype(ioSpec.input).name, output: sideDtype(ioSpec.output).name };
    const output = at(graph.outputs, 0);
    const schema = {
        inputs: [{ name: at(inputs, 0).name, dtype: dtypes.input, shape: shapeOf({ graph, tensor }) }],
        outputs: [{ name: at(outputs, 0).name, dtype: dtypes.output, shape: shapeOf({ graph, tensor: output }) }],
    };
    const hashes = `${schemaHashOf(manifest.schema)} ${manifest.schemaHash}`;
    requireSame({ what: "the schema", actual: `${schemaHashOf(schema)} ${schemaHashOf(schema)}`, wanted: hashes });
}

function formatOf({ input }: Manifest) {
    return { ...input, dtype: dtypeOf(input.dtype).onnx };
}

/** Quantises a float model as a manifest says it was. */
function graphOf({ manifest, onnx }: { manifest: Manifest; onnx: Uint8Array }) {
    const { quantisation } = manifest;
    const activationScales = new Map(quantisation.activationScales.map(({ tensor, scaleLog2 }) => [tensor, scaleLog2]));
    const format = formatOf(manifest);
    const { bits: weightBits, operandBits } = quantisation;
    return quantise({ graph: readModel(onnx), precision: { format, weightBits, activationScales, operandBits } });
}

function requireSame({ what, actual, wanted }: { what: string; actual: string; wanted: string }): void {
    if (actual !== wanted) throw notRebuilt(what);
}

function notRebuilt(what: string): ProtocolError {
    return new ProtocolError({ code: "MODEL_DIR_INVALID", message: `Compiling again does not give ${what}.` });
}
