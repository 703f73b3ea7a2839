import { dtypeOf } from "@assay/protocol";
import { describeCertificates, describeCircuit, describeOutput, describeTensor } from "./describeModel.ts";
import type { FloatGraph } from "./graph/types.ts";
import type { Manifest } from "./manifest.ts";
import type { Approximation } from "./quantise/approximation.ts";
import type { Candidate } from "./quantise/search.ts";

type Compiled = Pick<Candidate, "analysis" | "ioSpec" | "plan">;
/** What one part of a manifest says, and what it must say. */
type Statement = { what: string; said: unknown; wanted: unknown };

/** What a manifest says otherwise than its graph and circuit, or undefined. */
export function manifestFault({ manifest, ...compiled }: Compiled & { manifest: Manifest }): string | undefined {
    const { analysis, ioSpec } = compiled;
    const { graph } = analysis;
    const { parameters, bound, signals, constraints, layers, schema, inputs, outputs } = manifest;
    const dtype = dtypeOf(ioSpec.input.dtype).name;
    return firstFault([
        {
            what: "what the circuit consists of",
            said: { parameters, bound, signals, constraints, layers },
            wanted: describeCircuit(compiled),
        },
        {
            what: "the meaning of the inputs",
            said: inputs.map(({ shape, scaleLog2, zeroPoint, dtype }) => ({ shape, scaleLog2, zeroPoint, dtype })),
            wanted: graph.inputs.map(({ tensor }) => ({ ...describeTensor({ graph, tensor }), dtype })),
        },
        {
            what: "the meaning of the outputs",
            said: outputs.map(({ name: _name, quantisation: _edge, ...output }) => output),
            wanted: graph.outputs.map((tensor) => describeOutput({ analysis, ioSpec, tensor })),
        },
        {
            what: "the names of the inputs and outputs",
            said: [inputs, outputs].map(namesOf),
            wanted: [schema.inputs, schema.outputs].map(namesOf),
        },
    ]);
}

type Quantised = { manifest: Manifest; source: FloatGraph; approximations: readonly Approximation[] };

/** What a manifest says otherwise than the float model and its quantisation, or undefined. */
export function sourceFault({ manifest, source, approximations }: Quantised): string | undefined {
    return firstFault([
        { what: "the approximations", said: manifest.approximations, wanted: approximations },
        { what: "the notes", said: manifest.notes, wanted: source.notes },
        { what: "the certificates", said: manifest.certificates, wanted: describeCertificates(source) },
        {
            what: "how reals become inputs and outputs reals",
            said: [manifest.inputs, manifest.outputs].map(edgesOf),
            wanted: [source.inputs, source.outputs].map(edgesOf),
        },
    ]);
}

function firstFault(statements: readonly Statement[]): string | undefined {
    return statements.find(({ said, wanted }) => textOf(said) !== textOf(wanted))?.what;
}

function namesOf(sides: readonly { name: string }[]): string[] {
    return sides.map(({ name }) => name);
}

function edgesOf(sides: readonly { quantisation?: object | undefined }[]) {
    return sides.map(({ quantisation }) => ({ quantisation }));
}

/** Text that is the same for the same facts in any order of their names. */
function textOf(value: unknown): string {
    return JSON.stringify(value, (_name, part: unknown) => {
        if (typeof part === "bigint") return `${part}`;
        const isRecord = typeof part === "object" && part !== null && !Array.isArray(part);
        return isRecord ? Object.fromEntries(Object.entries(part).toSorted(byName)) : part;
    });
}

function byName([left]: [string, unknown], [right]: [string, unknown]): number {
    return left < right ? -1 : 1;
}
