import { encodeKey, encodeTensor, signalCount, vkHashOf } from "@assay/protocol";
import { type Circuit, circuitOf } from "./buildCircuit.ts";
import { describeModel } from "./describeModel.ts";
import { MODEL_FILES } from "./files.ts";
import { type CompilationPlan, compilationPlan, operatorsOf } from "./forecast/compilationPlan.ts";
import type { FloatGraph } from "./graph/types.ts";
import { at } from "./integer/at.ts";
import { createInterpreter } from "./integer/interpret.ts";
import { encodeGraph } from "./integer/serialise.ts";
import { proveKnownAnswer } from "./knownAnswer.ts";
import type { Manifest } from "./manifest.ts";
import { readOnnx } from "./onnx/readOnnx.ts";
import { writeOnnx } from "./onnx/writeOnnx.ts";
import type { Options } from "./options.ts";
import { createWitnessCalculator } from "./proving/witness.ts";
import { type Calibration, createCalibration } from "./quantise/calibration.ts";
import { samplesAtEdges } from "./quantise/edges.ts";
import { chooseInputFormats, quantiseSample } from "./quantise/inputFormats.ts";
import { type Candidate, findQuantisation } from "./quantise/search.ts";
import { readModel } from "./readModel.ts";
import { integerModel } from "./runtime/integerModel.ts";
import { devSetup, type SetupResult } from "./setup/devSetup.ts";
import { solidityVerifier } from "./verifier/solidityVerifier.ts";

/** What a compilation depends on, besides the compiler itself. */
export type BuildInput = {
    onnx: Uint8Array;
    options: Options;
    calibration: readonly (readonly number[])[] | undefined;
};

type Build = BuildInput & {
    onProgress: (line: string) => void;
    onPlan: (plan: CompilationPlan) => void;
    signal: AbortSignal | undefined;
};

/** A compiled model before it is written: every file but the manifest, and the manifest. */
export type BuiltModel = { files: Map<string, Uint8Array>; manifest: Manifest };

/** Compiles a model in memory. */
export async function buildModel({
    onnx,
    options,
    calibration: given,
    onProgress,
    onPlan,
    signal,
}: Build): Promise<BuiltModel> {
    onProgress("reading the model");
    const file = readOnnx(onnx);
    const graph = readModel(file);
    const names = { inputs: graph.inputs.map(({ tensor }) => tensor), outputs: graph.outputs.map(({ name }) => name) };
    const samples = given === undefined ? undefined : samplesAtEdges({ graph, given });
    const calibration = createCalibration({ given: samples, graph });

    onProgress("choosing scales");
    const candidate = chooseCandidate({ graph, calibration, options, onProgress });
    const { analysis, ioSpec, plan } = candidate;
    onPlan(compilationPlan({ operators: operatorsOf(file), plan, signals: signalCount(ioSpec) }));
    const artifact = writeOnnx(integerModel({ analysis, ioSpec, names }));

    onProgress(`compiling a circuit of ${plan.constraints.total} constraints`);
    const circuit = circuitOf({ plan, name: options.name });
    signal?.throwIfAborted();

    onProgress("making the keys of a development setup");
    const setup = await devSetup({ r1cs: circuit.r1cs });
    signal?.throwIfAborted();

    onProgress("proving the known answer");
    const answer = answerOf({ candidate, calibration });
    const verifyingKey = encodeKey(setup.verifyingKey);
    const keys = { zkey: setup.zkey, verifyingKey, vkHash: vkHashOf(verifyingKey) };
    const calculator = createWitnessCalculator(circuit.system);
    const proven = await proveKnownAnswer({ ioSpec, ...keys, calculator, ...answer });

    const files = modelFiles({ candidate, circuit, artifact, setup });
    const knownAnswer = { ...answer, ...proven };
    return {
        files,
        manifest: describeModel({
            onnx,
            options,
            source: graph,
            calibration,
            candidate,
            verifyingKey,
            knownAnswer,
            files,
        }),
    };
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

type Parts = { candidate: Candidate; circuit: Circuit; artifact: Uint8Array; setup: SetupResult };

function modelFiles({ candidate, circuit: { source, r1cs, sym }, artifact, setup }: Parts): Map<string, Uint8Array> {
    const text = (content: string) => new TextEncoder().encode(content);
    return new Map([
        [MODEL_FILES.artifact, artifact],
        [MODEL_FILES.graph, text(encodeGraph(candidate.analysis.graph))],
        [MODEL_FILES.circuit, text(source)],
        [MODEL_FILES.r1cs, r1cs],
        [MODEL_FILES.sym, sym],
        [MODEL_FILES.provingKey, setup.zkey],
        [MODEL_FILES.verifyingKey, encodeKey(setup.verifyingKey)],
        [MODEL_FILES.snarkjsKey, text(`${JSON.stringify(setup.verificationKey, undefined, 2)}\n`)],
        [MODEL_FILES.verifier, text(solidityVerifier(setup.verifyingKey))],
    ]);
}
