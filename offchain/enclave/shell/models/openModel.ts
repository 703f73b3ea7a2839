import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { inputFault, type LocalModel, readArtifact, readLocalModel } from "@assay/executor/parts";
import { bytesToHex, contentHash, ProtocolError, uintToHex, ZERO_ADDRESS, ZERO_BYTES32 } from "@assay/protocol";
import type { ModelConfiguration } from "../../core/claims.ts";
import { floatSpecOf } from "../../core/floatModel.ts";
import type { ServedModel } from "../../core/servedModel.ts";
import type { Engines } from "./engines.ts";

/** A model of this machine before it is served: what it is, how it is read, and what it takes. */
export type OpenedModel = Pick<ServedModel, "name" | "key" | "specFor"> & {
    configuration: ModelConfiguration;
    /** Its artifact, held against the digest that the configuration names, whenever it is loaded. */
    readArtifact: () => Promise<Uint8Array>;
    /** Name of the result code by which an input is refused. */
    inputFault: (input: Uint8Array) => "INPUT_SHAPE" | "INPUT_RANGE" | undefined;
    /** Wanted of every output; 0 = unknown. */
    ioSpec: bigint;
};

/** Reads a directory that the compiler left, or a plain ONNX file; throws what is wrong with it. */
export async function openModel({ file, engines }: { file: string; engines: Engines }): Promise<OpenedModel> {
    const found = await stat(file).catch((cause: unknown) => {
        throw new ProtocolError({ code: "ENCLAVE_SETTINGS_INVALID", message: `There is no model at ${file}.`, cause });
    });
    return found.isDirectory() ? openCompiled(file) : openPlain({ file, engines });
}

async function openCompiled(dir: string): Promise<OpenedModel> {
    const model = await readLocalModel(dir);
    const { name, spec } = model;
    return describe({
        model,
        name,
        specFor: ({ derivedFrom }) => ({ ...spec, derivedFrom }),
        faultOf: (input) => inputFault({ model, input }),
    });
}

async function openPlain({ file, engines }: { file: string; engines: Engines }): Promise<OpenedModel> {
    const bytes = await readFile(file);
    const artifactDigest = bytesToHex(createHash("sha256").update(bytes).digest());
    const session = await engines.createSession(bytes);
    const { inputs, outputs } = session;
    await session.close();
    const specFor: ServedModel["specFor"] = (registration) =>
        floatSpecOf({ artifactDigest, ports: { inputs, outputs }, registration });
    const spec = specFor({ owner: ZERO_ADDRESS, derivedFrom: ZERO_BYTES32 });
    if (spec === undefined) throw new Error("A plain model has a content of its own.");
    const artifact = { file: path.basename(file), sha256: artifactDigest };
    const model = { dir: path.dirname(file), artifact, spec, ranges: [] };
    return describe({
        model,
        name: path.basename(file, ".onnx"),
        specFor,
        // Without an ioSpec the runtime is the first to know what it takes.
        faultOf: (input) => (spec.ioSpec === 0n ? undefined : inputFault({ model, input })),
    });
}

function describe({
    model,
    name,
    specFor,
    faultOf,
}: {
    model: Pick<LocalModel, "dir" | "artifact" | "spec" | "ranges">;
    name: string;
    specFor: ServedModel["specFor"];
    faultOf: OpenedModel["inputFault"];
}): OpenedModel {
    const { spec, ranges } = model;
    return {
        name,
        key: contentHash({ ...spec, derivedFrom: ZERO_BYTES32 }),
        specFor,
        configuration: {
            artifactDigest: spec.artifactDigest,
            ioSpec: uintToHex(spec.ioSpec),
            schemaHash: spec.schemaHash,
            semantics: Number(spec.semantics),
            vkHash: spec.vkHash,
            ranges: ranges.map(({ count, min, max }) => ({ count, min: String(min), max: String(max) })),
        },
        readArtifact: () => readArtifact(model),
        inputFault: faultOf,
        ioSpec: spec.ioSpec,
    };
}
