import { type Hex, type ModelSpec, remoteDigestOf, SEMANTICS, schemaHashOf, ZERO_BYTES32 } from "@assay/protocol";
import type { Registration } from "./registration.ts";

/** The schema of a REMOTE version unless its owner registered another: canonical JSON of a request and of its answer. */
export const REMOTE_SCHEMA = {
    input: "canonical JSON of a chat completion request, with a random salt",
    output: "canonical JSON of the upstream's answer",
} as const;

/** The content of a REMOTE version: its artifact is what names host and model, and nothing of it runs here. */
export function remoteSpecOf({
    host,
    model,
    registration: { derivedFrom, schemaHash = schemaHashOf(REMOTE_SCHEMA), ioSpec = 0n },
}: {
    host: string;
    model: string;
    registration: Registration;
}): ModelSpec | undefined {
    // Text has no shape.
    if (ioSpec !== 0n) return undefined;
    const artifactDigest: Hex = remoteDigestOf({ host, model });
    return { artifactDigest, ioSpec, schemaHash, semantics: SEMANTICS.REMOTE, vkHash: ZERO_BYTES32, derivedFrom };
}
