import { type OpenedModel as OpenedLocal, openModel as openLocal } from "@assay/executor/parts";
import { contentHash, isProtocolError, ProtocolError, uintToHex, ZERO_BYTES32 } from "@assay/protocol";
import type { ModelConfiguration } from "../../core/claims.ts";
import type { ServedModel } from "../../core/servedModel.ts";
import type { Engines } from "./engines.ts";

/** A model of this machine before it is served: what it is, how it is read, and what it takes. */
export type OpenedModel = Pick<OpenedLocal, "name" | "readArtifact" | "inputFault"> &
    Pick<ServedModel, "key" | "specFor"> & {
        configuration: ModelConfiguration;
        /** Wanted of every output; 0 = unknown. */
        ioSpec: bigint;
    };

/** Reads a directory that the compiler left, or a plain ONNX file; throws what is wrong with it. */
export async function openModel({ file, engines }: { file: string; engines: Engines }): Promise<OpenedModel> {
    const { spec, ranges, ...model } = await openLocal({ file, engines }).catch((cause: unknown) => {
        if (!isMissing(cause)) throw cause;
        throw new ProtocolError({ code: "ENCLAVE_SETTINGS_INVALID", message: `There is no model at ${file}.`, cause });
    });
    return {
        ...model,
        key: contentHash({ ...spec, derivedFrom: ZERO_BYTES32 }),
        configuration: {
            artifactDigest: spec.artifactDigest,
            ioSpec: uintToHex(spec.ioSpec),
            schemaHash: spec.schemaHash,
            semantics: Number(spec.semantics),
            vkHash: spec.vkHash,
            ranges: ranges.map(({ count, min, max }) => ({ count, min: String(min), max: String(max) })),
        },
        ioSpec: spec.ioSpec,
    };
}

/** Nothing at the path that was named, rather than something wrong with what is there. */
function isMissing(error: unknown): boolean {
    if (!isProtocolError(error, "EXECUTOR_ARTIFACT_CORRUPT")) return false;
    const { cause } = error;
    return cause instanceof Error && "syscall" in cause && cause.syscall === "stat";
}
