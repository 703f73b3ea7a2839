import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { bytesToHex, type Hex, type JsonObject, type ModelSpec, ProtocolError, ZERO_BYTES32 } from "@assay/protocol";
import { type FloatRegistration, floatSpecOf, type Ports, schemaOf } from "../../core/floatModel.ts";
import type { Session } from "./models.ts";
import { inputFault, type LocalModel, readArtifact, readLocalModel } from "./store.ts";

/** A loaded model that says what it takes and gives. */
export type PortedSession = Session & Ports;

/** How models are loaded: `createSession` of the compiler, which is given. */
export type SessionEngine = { createSession: (artifact: Uint8Array) => Promise<PortedSession> };

/** A model of this machine before it is served: what it is, how it is read, and what it takes. */
export type OpenedModel = {
    name: string;
    /** Directory of a compiled model, or undefined: a plain ONNX file. */
    compiledDir: string | undefined;
    /** Its content by itself, made from no other version. */
    spec: ModelSpec;
    /** Its content when it is registered like this; undefined when it cannot be. */
    specFor: (registration: FloatRegistration) => ModelSpec | undefined;
    /** By input tensor: how many elements, and the smallest and largest value of one; none of a plain model. */
    ranges: LocalModel["ranges"];
    /** What the schemaHash of `spec` is the hash of. */
    schema: JsonObject;
    /** Its artifact, held against its digest, whenever it is loaded. Throws EXECUTOR_ARTIFACT_CORRUPT. */
    readArtifact: () => Promise<Uint8Array>;
    /** Name of the result code by which an input is refused. */
    inputFault: (input: Uint8Array) => "INPUT_SHAPE" | "INPUT_RANGE" | undefined;
};

/**
 * Reads a directory that the compiler left, or a plain ONNX file. Throws what is wrong with it: EXECUTOR_ARTIFACT_CORRUPT
 * when nothing is there.
 */
export async function openModel({ file, engines }: { file: string; engines: SessionEngine }): Promise<OpenedModel> {
    const found = await stat(file).catch((cause: unknown) => {
        throw new ProtocolError({ code: "EXECUTOR_ARTIFACT_CORRUPT", message: `There is no model at ${file}.`, cause });
    });
    return found.isDirectory() ? openCompiled(file) : openPlain({ file, engines });
}

async function openCompiled(dir: string): Promise<OpenedModel> {
    const model = await readLocalModel(dir);
    const { name, spec, ranges, schema } = model;
    return {
        name,
        compiledDir: dir,
        spec,
        specFor: ({ derivedFrom }) => ({ ...spec, derivedFrom }),
        ranges,
        schema,
        readArtifact: () => readArtifact(model),
        inputFault: (input) => inputFault({ model, input }),
    };
}

async function openPlain({ file, engines }: { file: string; engines: SessionEngine }): Promise<OpenedModel> {
    const bytes = await readFile(file);
    const sha256: Hex = bytesToHex(createHash("sha256").update(bytes).digest());
    const session = await engines.createSession(bytes);
    const { inputs, outputs } = session;
    await session.close();
    const specFor: OpenedModel["specFor"] = (registration) =>
        floatSpecOf({ artifactDigest: sha256, ports: { inputs, outputs }, registration });
    const spec = specFor({ derivedFrom: ZERO_BYTES32 });
    if (spec === undefined) throw new Error("A plain model has a content of its own.");
    const model = { dir: path.dirname(file), artifact: { file: path.basename(file), sha256 }, spec, ranges: [] };
    return {
        name: path.basename(file, ".onnx"),
        compiledDir: undefined,
        spec,
        specFor,
        ranges: [],
        schema: schemaOf({ inputs, outputs }),
        readArtifact: () => readArtifact(model),
        // Without an ioSpec the runtime is the first to know what it takes.
        inputFault: (input) => (spec.ioSpec === 0n ? undefined : inputFault({ model, input })),
    };
}
