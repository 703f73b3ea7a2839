import {
    bytesToHex,
    contentHash,
    dtypeOf,
    encodeIoSpec,
    isBound,
    SEMANTICS,
    type Side,
    schemaHashOf,
    vkHashOf,
    wordCount,
    ZERO_BYTES32,
} from "@assay/protocol";
import { MODEL_FILES } from "./files.ts";
import { sha256 } from "./hash.ts";
import { at } from "./integer/at.ts";
import { hull } from "./integer/interval.ts";
import { found } from "./integer/types.ts";
import type { ProvenAnswer } from "./knownAnswer.ts";
import type { Manifest } from "./manifest.ts";
import type { Options } from "./options.ts";
import type { Calibration } from "./quantise/calibration.ts";
import type { Candidate } from "./quantise/search.ts";
import { TOOLS } from "./tools.ts";

type Described = {
    onnx: Uint8Array;
    options: Options;
    /** ONNX names of the input and the output. */
    names: { input: string; output: string };
    calibration: Calibration;
    candidate: Candidate;
    verifyingKey: Uint8Array;
    knownAnswer: ProvenAnswer & { input: Uint8Array; output: Uint8Array };
    /** Every other file of the directory. */
    files: ReadonlyMap<string, Uint8Array>;
};

/** The manifest of a finished compilation: nothing in it is decided here. */
export function describeModel(model: Described): Manifest {
    const { onnx, options, candidate, verifyingKey, knownAnswer } = model;
    const { ioSpec, plan } = candidate;
    const files = Object.fromEntries([...model.files].map(([name, content]) => [name, sha256(content)]));
    const artifactDigest = found({ map: new Map(Object.entries(files)), name: MODEL_FILES.artifact });
    const { schema, ...sides } = describeSides(model);
    const spec = {
        artifactDigest,
        ioSpec: encodeIoSpec(ioSpec),
        schemaHash: schemaHashOf(schema),
        semantics: SEMANTICS.EXACT_INT,
        vkHash: vkHashOf(verifyingKey),
        derivedFrom: ZERO_BYTES32,
    };
    const words = wordCount(ioSpec.input) + wordCount(ioSpec.output);
    const boundSignals = 4; // c, e, r, bind
    return {
        version: 1,
        name: options.name,
        semantics: "EXACT_INT",
        source: { sha256: sha256(onnx) },
        artifact: { file: MODEL_FILES.artifact, sha256: artifactDigest },
        ioSpec: spec.ioSpec,
        schema,
        schemaHash: spec.schemaHash,
        vkHash: spec.vkHash,
        contentHash: contentHash(spec),
        setup: {
            kind: options.setup,
            transcriptHash: found({ map: new Map(Object.entries(files)), name: MODEL_FILES.r1cs }),
        },
        ...sides,
        bound: isBound(ioSpec),
        signals: isBound(ioSpec) ? boundSignals : words + 1,
        constraints: plan.constraints,
        layers: plan.layers.map(({ op, name, constraints }) => ({ op, name, constraints })),
        quantisation: describeQuantisation(model),
        approximations: [],
        knownAnswer: {
            input: bytesToHex(knownAnswer.input),
            output: bytesToHex(knownAnswer.output),
            proof: [...knownAnswer.proof],
            ...(knownAnswer.c === undefined ? {} : { c: knownAnswer.c }),
        },
        files,
        tools: { ...TOOLS },
    };
}

/** Input and output as the integer model has them. */
function describeSides({ names, candidate: { analysis, ioSpec, precision } }: Described) {
    const { graph, intervals } = analysis;
    const [inputTensor, outputTensor] = [at(graph.inputs, 0).tensor, at(graph.outputs, 0)];
    const describe = ({ side, name, tensor }: { side: Side; name: string; tensor: string }) => {
        const { shape, scaleLog2, zeroPoint } = found({ map: graph.tensors, name: tensor });
        const { name: dtype } = dtypeOf(side.dtype);
        return { schema: { name, dtype, shape }, facts: { dtype, shape, bits: side.bits, scaleLog2, zeroPoint } };
    };
    const input = describe({ side: ioSpec.input, name: names.input, tensor: inputTensor });
    const output = describe({ side: ioSpec.output, name: names.output, tensor: outputTensor });
    return {
        schema: { inputs: [input.schema], outputs: [output.schema] },
        input: { ...input.facts, min: precision.format.min, max: precision.format.max },
        output: {
            ...output.facts,
            argmax: graph.nodes.some(({ op, output: tensor }) => op === "argMax" && tensor === outputTensor),
            interval: hull(found({ map: intervals, name: outputTensor })),
        },
    };
}

function describeQuantisation({ options, calibration, candidate: { precision, accuracy } }: Described) {
    return {
        bits: precision.weightBits,
        inputBits: options.inputBits,
        calibration: calibration.kind,
        samples: calibration.samples.length,
        operandBits: precision.operandBits,
        activationScales: [...precision.activationScales].map(([tensor, scaleLog2]) => ({ tensor, scaleLog2 })),
        ...accuracy,
    };
}
