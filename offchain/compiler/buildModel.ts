import { encodeTensor, signalCount } from "@assay/protocol";
import { type Circuit, circuitOf } from "./buildCircuit.ts";
import { uniquenessReport } from "./circuit/system/uniqueness/report.ts";
import { type BuiltModel, completeModel, type PreparedModel } from "./completeModel.ts";
import { describeModel } from "./describeModel.ts";
import { MODEL_FILES } from "./files.ts";
import { type CompilationPlan, compilationPlan, operatorsOf } from "./forecast/compilationPlan.ts";
import type { FloatGraph } from "./graph/types.ts";
import { at } from "./integer/at.ts";
import { createInterpreter } from "./integer/interpret.ts";
import { encodeGraph } from "./integer/serialise.ts";
import { found } from "./integer/types.ts";
import { readOnnx } from "./onnx/readOnnx.ts";
import { writeOnnx } from "./onnx/writeOnnx.ts";
import type { Options } from "./options.ts";
import { type Calibration, createCalibration } from "./quantise/calibration.ts";
import { samplesAtEdges } from "./quantise/edges.ts";
import { chooseInputFormats, quantiseSample } from "./quantise/inputFormats.ts";
import { type Candidate, findQuantisation } from "./quantise/search.ts";
import { readModel } from "./readModel.ts";
import { integerModel } from "./runtime/integerModel.ts";
import { makeKeys } from "./setup/makeKeys.ts";
import { withVisibility } from "./visibility.ts";

/** What a compilation depends on, besides the compiler itself. */
export type BuildInput = {
    onnx: Uint8Array;
    options: Options;
    calibration: readonly (readonly number[])[] | undefined;
};

/** A compilation with whoever watches it. */
export type Build = BuildInput & {
    onProgress: (line: string) => void;
    onPlan: (plan: CompilationPlan) => void;
    signal: AbortSignal | undefined;
};

/** Compiles a model in memory; throws PTAU_MISSING when its setup needs a phase 1 that is not given. */
export async function buildModel({ ptau, ...build }: Build & { ptau: string | undefined }): Promise<BuiltModel> {
    const { options, onProgress, signal } = build;
    const prepared = prepareModel(build);
    signal?.throwIfAborted();
    const keys = await makeKeys({ kind: options.setup, r1cs: r1csOf(prepared), ptau, onProgress, signal });
    signal?.throwIfAborted();
    onProgress("proving the known answer");
    return completeModel({ prepared, ...keys });
}

/** Compiles a model in memory up to its key. */
export function prepareModel({ onnx, options, calibration: given, onProgress, onPlan }: Build): PreparedModel {
    onProgress("reading the model");
    const file = readOnnx(onnx);
    const graph = readModel(file);
    const names = { inputs: graph.inputs.map(({ tensor }) => tensor), outputs: graph.outputs.map(({ name }) => name) };
    const samples = given === undefined ? undefined : samplesAtEdges({ graph, given });
    const calibration = createCalibration({ given: samples, graph });

    onProgress("choosing scales");
    const chosen = chooseCandidate({ graph, calibration, options, onProgress });
    const candidate = withVisibility({ candidate: chosen, options });
    const { analysis, ioSpec, plan } = candidate;
    onPlan(compilationPlan({ operators: operatorsOf(file), plan, signals: signalCount(ioSpec) }));
    const artifact = writeOnnx(integerModel({ analysis, ioSpec, names }));

    onProgress(`compiling a circuit of ${plan.constraints.total} constraints`);
    const circuit = circuitOf({ plan, name: options.name });

    const draft = describeModel({
        onnx,
        options,
        source: graph,
        calibration,
        candidate,
        uniqueness: uniquenessReport(circuit.system),
        artifact,
        question: answerOf({ candidate, calibration }),
    });
    return { draft, system: circuit.system, files: circuitFiles({ candidate, circuit, artifact }) };
}

/** The constraint system that a model's key is made for. */
export function r1csOf({ files }: PreparedModel): Uint8Array {
    return found({ map: files, name: MODEL_FILES.r1cs });
}

type Choice = {
    graph: FloatGraph;
    calibration: Calibration;
    options: Options;
    onProgress: (line: string) => void;
};

function chooseCandidate({ graph, calibration, options, onProgress }: Choice): Candidate {
    const { bits, inputBits, accuracyPct } = options;
    const formats = chooseInputFormats({ graph, calibration, bits: inputBits });
    const target = { top1Agreement: 1 - accuracyPct / 100, meanAbsPctDiff: accuracyPct };
    return findQuantisation({ graph, calibration, formats, weightBits: bits, target, onProgress });
}

/** The first sample and what the interpreter makes of it, as canonical bytes. */
function answerOf({ candidate, calibration }: { candidate: Candidate; calibration: Calibration }) {
    const {
        analysis,
        ioSpec,
        precision: { formats },
    } = candidate;
    const values = quantiseSample({ graph: analysis.graph, formats, sample: at(calibration.samples, 0) });
    return {
        input: encodeTensor({ dtype: ioSpec.input.dtype, values }),
        output: encodeTensor({ dtype: ioSpec.output.dtype, values: createInterpreter(analysis).run(values) }),
    };
}

type Parts = { candidate: Candidate; circuit: Circuit; artifact: Uint8Array };

function circuitFiles({ candidate, circuit: { source, r1cs, sym }, artifact }: Parts): Map<string, Uint8Array> {
    const text = (content: string) => new TextEncoder().encode(content);
    return new Map([
        [MODEL_FILES.artifact, artifact],
        [MODEL_FILES.graph, text(encodeGraph(candidate.analysis.graph))],
        [MODEL_FILES.circuit, text(source)],
        [MODEL_FILES.r1cs, r1cs],
        [MODEL_FILES.sym, sym],
    ]);
}
