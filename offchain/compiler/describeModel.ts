import {
    bytesToHex,
    contentHash,
    dtypeOf,
    encodeIoSpec,
    isBound,
    SEMANTICS,
    schemaHashOf,
    vkHashOf,
    wordCount,
    ZERO_BYTES32,
} from "@assay/protocol";
import { MODEL_FILES } from "./files.ts";
import type { FloatGraph } from "./graph/types.ts";
import { sha256 } from "./hash.ts";
import { at } from "./integer/at.ts";
import { hull } from "./integer/interval.ts";
import { found, type IntegerGraph } from "./integer/types.ts";
import type { ProvenAnswer } from "./knownAnswer.ts";
import type { Manifest } from "./manifest.ts";
import type { Options } from "./options.ts";
import type { Calibration } from "./quantise/calibration.ts";
import { formatOf } from "./quantise/inputFormats.ts";
import { isIndex } from "./quantise/ioSpec.ts";
import type { Candidate } from "./quantise/search.ts";
import { TOOLS } from "./tools.ts";

type Described = {
    onnx: Uint8Array;
    options: Options;
    /** The float graph that was quantised. */
    source: FloatGraph;
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
        notes: [...model.source.notes],
        certificates: describeCertificates(model.source),
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

/** Inputs and outputs as the integer model has them. */
function describeSides({ source, candidate: { analysis, ioSpec, precision } }: Described) {
    const { graph, intervals } = analysis;
    const inputs = graph.inputs.map(({ tensor }, index) => {
        const { bits, min, max, columns } = formatOf({ formats: precision.formats, tensor });
        const facts = { name: tensor, dtype: dtypeOf(ioSpec.input.dtype).name };
        const grids = columns === undefined ? {} : { columns: [...columns] };
        const { quantisation } = at(source.inputs, index);
        const edge = quantisation === undefined ? {} : { quantisation };
        return { ...facts, ...describeTensor({ graph, tensor }), bits, min, max, ...grids, ...edge };
    });
    const outputs = graph.outputs.map((tensor, index) => {
        const { name, quantisation } = at(source.outputs, index);
        return {
            name,
            dtype: dtypeOf(ioSpec.output.dtype).name,
            ...describeTensor({ graph, tensor }),
            bits: ioSpec.output.bits,
            argmax: isIndex({ graph, tensor }),
            interval: hull(found({ map: intervals, name: tensor })),
            ...(quantisation === undefined ? {} : { quantisation }),
        };
    });
    const schemaOf = ({ name, dtype, shape }: { name: string; dtype: string; shape: number[] }) => ({
        name,
        dtype,
        shape,
    });
    return { schema: { inputs: inputs.map(schemaOf), outputs: outputs.map(schemaOf) }, inputs, outputs };
}

function describeCertificates({ nodes }: FloatGraph): Manifest["certificates"] {
    return nodes.flatMap((node) => {
        if (node.op !== "requantise") return [];
        return node.ranges.map((range, channel) => {
            const { exceptions, ...fraction } = at(node.fractions, channel);
            return { node: node.source, ...range, ...fraction, exceptions: [...exceptions] };
        });
    });
}

function describeTensor({ graph, tensor }: { graph: IntegerGraph; tensor: string }) {
    const { shape, scaleLog2, zeroPoint } = found({ map: graph.tensors, name: tensor });
    return { shape, scaleLog2, zeroPoint };
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
