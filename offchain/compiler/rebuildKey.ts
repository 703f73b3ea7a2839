import {
    decodeIoSpec,
    encodeIoSpec,
    encodeKey,
    ProtocolError,
    type Side,
    schemaHashOf,
    sideDtype,
} from "@assay/protocol";
import { buildCircuit } from "./buildCircuit.ts";
import { uniquenessReport } from "./circuit/system/uniqueness/report.ts";
import { MODEL_FILES } from "./files.ts";
import type { FloatGraph } from "./graph/types.ts";
import { sha256 } from "./hash.ts";
import { type Analysis, analyse } from "./integer/analyse.ts";
import { at } from "./integer/at.ts";
import { encodeGraph } from "./integer/serialise.ts";
import { found, type IntegerGraph, shapeOf } from "./integer/types.ts";
import { loadModel } from "./loadModel.ts";
import type { Manifest } from "./manifest.ts";
import { manifestFault, sourceFault } from "./manifestFault.ts";
import { readOnnx } from "./onnx/readOnnx.ts";
import { writeOnnx } from "./onnx/writeOnnx.ts";
import type { InputFormats } from "./quantise/inputFormats.ts";
import { ioSpecOf } from "./quantise/ioSpec.ts";
import { approximate } from "./quantise/quantise.ts";
import { formatOf } from "./quantiseInput.ts";
import { readModel } from "./readModel.ts";
import { integerModel } from "./runtime/integerModel.ts";
import { devSetup } from "./setup/devSetup.ts";
import { committedAs } from "./visibility.ts";

/**
 * The development key that belongs to a compiled model, recomputed from its integer graph alone. Throws
 * MODEL_DIR_INVALID when the integer ONNX model, the circuit or what the manifest says of them are not that graph's or,
 * where `onnx` is given, not that model's; and MODEL_SOURCE_MISMATCH when `onnx` does not quantise to that graph by the
 * manifest's scales. A key that equals the result was made by the development setup.
 */
export async function rebuildKey({ modelDir, onnx }: { modelDir: string; onnx?: Uint8Array }): Promise<Uint8Array> {
    const { manifest, graph } = await loadModel(modelDir);
    if (onnx !== undefined) requireSource({ manifest, graph, onnx });
    const analysis = analyse(graph);
    requireSides({ manifest, analysis });
    const ioSpec = decodeIoSpec(manifest.ioSpec);
    const names = namesOf(manifest);
    const artifact = writeOnnx(integerModel({ analysis, ioSpec, names }));
    if (sha256(artifact) !== manifest.artifact.sha256) throw notRebuilt("the integer ONNX model");
    const { plan, source, system, r1cs, sym } = buildCircuit({ analysis, ioSpec, name: manifest.name });
    const circuit: [string, Uint8Array | string][] = [
        [MODEL_FILES.circuit, source],
        [MODEL_FILES.r1cs, r1cs],
        [MODEL_FILES.sym, sym],
    ];
    for (const [what, content] of circuit) {
        const wanted = found({ map: new Map(Object.entries(manifest.files)), name: what });
        requireSame({ what, actual: sha256(content), wanted });
    }
    requireSame({
        what: "the report on uniqueness",
        actual: JSON.stringify(uniquenessReport(system)),
        wanted: JSON.stringify(manifest.uniqueness),
    });
    const fault = manifestFault({ manifest, analysis, ioSpec, plan });
    if (fault !== undefined) throw notRebuilt(fault);
    return encodeKey((await devSetup({ r1cs })).verifyingKey);
}

/** Element types, shapes and range are what the gate and callers go by: the graph decides them, not the manifest. */
function requireSides({ manifest, analysis }: { manifest: Manifest; analysis: Analysis }): void {
    const { graph } = analysis;
    const range = ({ min, max }: { min: bigint; max: bigint }) => `${min}..${max}`;
    requireSame({
        what: "the input ranges",
        actual: graph.inputs.map(range).join(),
        wanted: manifest.inputs.map(range).join(),
    });
    const open = ioSpecOf({ analysis, formats: formatsOf({ manifest, graph }) });
    const ioSpec = committedAs({ ioSpec: open, like: decodeIoSpec(manifest.ioSpec) });
    requireSame({ what: "the ioSpec", actual: `${encodeIoSpec(ioSpec)}`, wanted: `${manifest.ioSpec}` });
    const names = namesOf(manifest);
    const describe = ({ side, tensors, named }: { side: Side; tensors: string[]; named: string[] }) =>
        tensors.map((tensor, index) => ({
            name: at(named, index),
            dtype: sideDtype(side).name,
            shape: shapeOf({ graph, tensor }),
        }));
    const inputs = graph.inputs.map(({ tensor }) => tensor);
    const schema = {
        inputs: describe({ side: ioSpec.input, tensors: inputs, named: names.inputs }),
        outputs: describe({ side: ioSpec.output, tensors: graph.outputs, named: names.outputs }),
    };
    const hashes = `${schemaHashOf(manifest.schema)} ${manifest.schemaHash}`;
    requireSame({ what: "the schema", actual: `${schemaHashOf(schema)} ${schemaHashOf(schema)}`, wanted: hashes });
}

function namesOf({ schema }: Manifest): { inputs: string[]; outputs: string[] } {
    return { inputs: schema.inputs.map(({ name }) => name), outputs: schema.outputs.map(({ name }) => name) };
}

/** The formats of the manifest, by the graph's tensors: both list the inputs in one order. */
function formatsOf({
    manifest,
    graph,
}: {
    manifest: Manifest;
    graph: { inputs: readonly { tensor: string }[] };
}): InputFormats {
    if (graph.inputs.length !== manifest.inputs.length) throw notRebuilt("the inputs");
    return new Map(graph.inputs.map(({ tensor }, index) => [tensor, formatOf(at(manifest.inputs, index))]));
}

type Source = { manifest: Manifest; graph: IntegerGraph; onnx: Uint8Array };

/**
 * Throws MODEL_SOURCE_MISMATCH unless a float model, quantised as the manifest says, is the compiled graph, and
 * MODEL_DIR_INVALID where the manifest keeps silent about an approximation, or tells of another.
 */
function requireSource({ manifest, graph, onnx }: Source): void {
    const source = readModel(readOnnx(onnx));
    const own = quantisedAs({ manifest, source });
    if (
        own !== undefined &&
        encodeGraph({ ...own.graph, parametersSalt: graph.parametersSalt }) === encodeGraph(graph)
    ) {
        const fault = sourceFault({ manifest, source, approximations: own.approximations });
        if (fault !== undefined) throw notRebuilt(fault);
        return;
    }
    throw new ProtocolError({
        code: "MODEL_SOURCE_MISMATCH",
        message: `This file has sha256 ${sha256(onnx)}; "${manifest.name}" was compiled from ${manifest.source.sha256}.`,
    });
}

/** A float model quantised as a manifest says; undefined where that does not fit it. */
function quantisedAs({ manifest, source }: { manifest: Manifest; source: FloatGraph }) {
    const { bits: weightBits, operandBits, ...quantisation } = manifest.quantisation;
    const activationScales = new Map(quantisation.activationScales.map(({ tensor, scaleLog2 }) => [tensor, scaleLog2]));
    const tableArguments = new Map(quantisation.tableArguments.map(({ tensor, ...argument }) => [tensor, argument]));
    try {
        const formats = formatsOf({ manifest, graph: source });
        return approximate({
            graph: source,
            precision: { formats, weightBits, activationScales, tableArguments, operandBits },
        });
    } catch (fault) {
        if (fault instanceof RangeError || fault instanceof ProtocolError) return undefined;
        throw fault;
    }
}

function requireSame({ what, actual, wanted }: { what: string; actual: string; wanted: string }): void {
    if (actual !== wanted) throw notRebuilt(what);
}

function notRebuilt(what: string): ProtocolError {
    return new ProtocolError({ code: "MODEL_DIR_INVALID", message: `Compiling again does not give ${what}.` });
}
