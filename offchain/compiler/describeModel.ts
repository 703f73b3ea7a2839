import { bytesToHex, dtypeOf, encodeIoSpec, isBound, schemaHashOf, signalCount, uintToHex } from "@assay/protocol";
import { parametersHash } from "./circuit/parameters.ts";
import type { UniquenessReport } from "./circuit/system/uniqueness/report.ts";
import { MODEL_FILES } from "./files.ts";
import type { FloatGraph } from "./graph/types.ts";
import { sha256 } from "./hash.ts";
import { at } from "./integer/at.ts";
import { hull } from "./integer/interval.ts";
import { found, type IntegerGraph } from "./integer/types.ts";
import type { ManifestDraft } from "./manifest.ts";
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
    uniqueness: UniquenessReport;
    /** The integer ONNX model. */
    artifact: Uint8Array;
    /** Canonical bytes of one inference by the interpreter. */
    question: { input: Uint8Array; output: Uint8Array };
};

/** The manifest of a compilation that has no key yet: nothing in it is decided here. */
export function describeModel(model: Described): ManifestDraft {
    const { onnx, options, candidate, uniqueness, artifact, question } = model;
    const { ioSpec } = candidate;
    const { schema, ...sides } = describeSides(model);
    return {
        version: 1,
        name: options.name,
        semantics: "EXACT_INT",
        source: { sha256: sha256(onnx) },
        artifact: { file: MODEL_FILES.artifact, sha256: sha256(artifact) },
        ioSpec: encodeIoSpec(ioSpec),
        schema,
        schemaHash: schemaHashOf(schema),
        ...sides,
        ...describeCircuit(candidate),
        uniqueness,
        quantisation: describeQuantisation(model),
        approximations: candidate.approximations,
        notes: [...model.source.notes],
        certificates: describeCertificates(model.source),
        question: { input: bytesToHex(question.input), output: bytesToHex(question.output) },
        tools: { ...TOOLS },
    };
}

/** What a manifest says of a circuit. */
export function describeCircuit({ analysis, ioSpec, plan }: Pick<Candidate, "analysis" | "ioSpec" | "plan">) {
    return {
        ...describeParameters({ analysis }),
        bound: isBound(ioSpec),
        signals: signalCount(ioSpec),
        constraints: plan.constraints,
        layers: plan.layers.map(({ op, name, constraints }) => ({ op, name, constraints })),
    };
}

function describeParameters({
    analysis: { parameters },
}: Pick<Candidate, "analysis">): Pick<ManifestDraft, "parameters"> {
    if (parameters === undefined) return {};
    return { parameters: { commitment: uintToHex(parametersHash(parameters)), count: parameters.values.length } };
}

/** Inputs and outputs as the integer model has them. */
function describeSides({ source, candidate: { analysis, ioSpec, precision } }: Described) {
    const { graph } = analysis;
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
            ...describeOutput({ analysis, ioSpec, tensor }),
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

type Output = Pick<Candidate, "analysis" | "ioSpec"> & { tensor: string };

/** What a manifest says of an output, whatever it is called in the model. */
export function describeOutput({ analysis: { graph, intervals }, ioSpec, tensor }: Output) {
    return {
        dtype: dtypeOf(ioSpec.output.dtype).name,
        ...describeTensor({ graph, tensor }),
        bits: ioSpec.output.bits,
        argmax: isIndex({ graph, tensor }),
        interval: hull(found({ map: intervals, name: tensor })),
    };
}

/** By quantised operator and channel, what its requantisation was proven to be. */
export function describeCertificates({ nodes }: FloatGraph): ManifestDraft["certificates"] {
    return nodes.flatMap((node) => {
        if (node.op !== "requantise") return [];
        return node.ranges.map((range, channel) => {
            const { exceptions, ...fraction } = at(node.fractions, channel);
            return { node: node.source, ...range, ...fraction, exceptions: [...exceptions] };
        });
    });
}

/** The shape of a tensor and what its integers stand for. */
export function describeTensor({ graph, tensor }: { graph: IntegerGraph; tensor: string }) {
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
        tableArguments: [...(precision.tableArguments ?? [])].map(([tensor, argument]) => ({ tensor, ...argument })),
        accuracyPct: options.accuracyPct,
        ...accuracy,
    };
}
