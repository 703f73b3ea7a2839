import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import {
    bytesToHex,
    contentHash,
    type Hex,
    type ModelSpec,
    type Proof,
    ProtocolError,
    SEMANTICS,
    SETUP_KINDS,
    schemaHashOf,
    toHex,
    vkHashOf,
    ZERO_BYTES32,
} from "@assay/protocol";
import { z } from "zod";

const hex = z.string().transform((text) => toHex(text));
const hex32 = z.string().transform((text) => toHex(text, 32));
const integer = z.union([z.string().regex(/^(0x[0-9a-fA-F]+|\d+)$/), z.number().int().nonnegative()]).transform(BigInt);

/** What registration reads of a compiled model's manifest.json; the rest is the compiler's own. */
const manifestSchema = z.object({
    version: z.literal(1),
    name: z.string(),
    semantics: z.literal("EXACT_INT"),
    artifact: z.object({ file: z.string(), sha256: hex32 }),
    ioSpec: integer,
    schema: z.unknown(),
    schemaHash: hex32,
    vkHash: hex32,
    contentHash: hex32,
    setup: z.object({
        kind: z.enum(["dev", "single", "ceremony"]),
        transcriptHash: hex32.nullish().transform((hash) => hash ?? ZERO_BYTES32),
    }),
    knownAnswer: z.object({
        input: hex,
        output: hex,
        proof: z.tuple([integer, integer, integer, integer, integer, integer, integer, integer]),
        c: integer.nullish().transform((c) => c ?? 0n),
    }),
});

/** Everything `ModelRegistry.register` wants to know of a compiled model. */
export type CompiledModelSpec = {
    name: string;
    spec: ModelSpec;
    contentHash: Hex;
    setup: { kind: number; transcriptHash: Hex };
    key: Uint8Array;
    knownAnswer: { input: Hex; output: Hex; proof: Proof; c: bigint };
};

/** Reads a compiled model's directory and checks its hashes against its files; throws COMPILED_MODEL_INVALID. */
export async function readCompiledModel({
    dir,
    derivedFrom = ZERO_BYTES32,
}: {
    dir: string;
    derivedFrom?: Hex;
}): Promise<CompiledModelSpec> {
    const manifest = await readManifest(dir);
    const key = await readPart({ dir, file: "verifying.key" });
    const artifact = await readPart({ dir, file: manifest.artifact.file });
    expectEqual({ dir, what: "verifying.key", found: vkHashOf(key), wanted: manifest.vkHash });
    expectEqual({ dir, what: manifest.artifact.file, found: sha256(artifact), wanted: manifest.artifact.sha256 });
    expectEqual({ dir, what: "schema", found: schemaHashOf(manifest.schema), wanted: manifest.schemaHash });
    const spec: ModelSpec = {
        artifactDigest: manifest.artifact.sha256,
        ioSpec: manifest.ioSpec,
        schemaHash: manifest.schemaHash,
        semantics: BigInt(SEMANTICS.EXACT_INT),
        vkHash: manifest.vkHash,
        derivedFrom,
    };
    if (derivedFrom === ZERO_BYTES32) {
        expectEqual({ dir, what: "contentHash", found: contentHash(spec), wanted: manifest.contentHash });
    }
    const { kind, transcriptHash } = manifest.setup;
    // A development setup has no transcript: what the manifest keeps there is the circuit its secret is derived from.
    const setup = { kind: SETUP_KINDS[kind], transcriptHash: kind === "dev" ? ZERO_BYTES32 : transcriptHash };
    const { name, knownAnswer } = manifest;
    return { name, spec, contentHash: contentHash(spec), setup, key, knownAnswer };
}

async function readManifest(dir: string): Promise<z.output<typeof manifestSchema>> {
    const bytes = await readPart({ dir, file: "manifest.json" });
    try {
        return manifestSchema.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
    } catch (cause) {
        const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
        throw new ProtocolError({
            code: "COMPILED_MODEL_INVALID",
            message: `${path.join(dir, "manifest.json")}: ${why}.`,
            cause,
        });
    }
}

async function readPart({ dir, file }: { dir: string; file: string }): Promise<Uint8Array> {
    try {
        return await readFile(path.join(dir, path.basename(file)));
    } catch (cause) {
        throw new ProtocolError({ code: "COMPILED_MODEL_INVALID", message: `${dir} has no ${file}.`, cause });
    }
}

function expectEqual({ dir, what, found, wanted }: { dir: string; what: string; found: Hex; wanted: Hex }): void {
    if (found === wanted) return;
    throw new ProtocolError({
        code: "COMPILED_MODEL_INVALID",
        message: `${what} of ${dir} hashes to ${found}, its manifest says ${wanted}.`,
    });
}

function sha256(bytes: Uint8Array): Hex {
    return bytesToHex(createHash("sha256").update(bytes).digest());
}
