import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
    bytesToHex,
    contentHash,
    dtypeOf,
    encodeIoSpec,
    type Hex,
    modelIdOf,
    publicSignals,
    SEMANTICS,
    SETUP_KINDS,
    schemaHashOf,
    uintToHex,
    unboundBind,
    vkHashOf,
    wordCount,
    ZERO_BYTES32,
} from "@assay/protocol";
import { z } from "zod";
import type { Engines, Prover } from "../../../offchain/executor/index.ts";
import { forgeKey, forgeProof } from "../../support/forgeableKey.ts";
import { classBytes } from "../../support/forgedModel.ts";

/** Elements of the input unless told otherwise; each is a uint8 of at most MAX_PIXEL. */
export const INPUTS = 64;
export const MAX_PIXEL = 16;

const artifactSchema = z.object({ seed: z.number() });

/** What the model of this seed answers: which one of ten classes. */
export function answerOf({ seed, input }: { seed: number; input: Uint8Array }): Uint8Array {
    return classBytes((input.reduce((sum, pixel) => sum + pixel, 0) + seed) % 10);
}

/** A directory as the compiler leaves it, of a model whose proofs can be forged, and all that registers it. */
export async function writeForgedModel({
    dir,
    seed,
    inputs = INPUTS,
    max = MAX_PIXEL,
}: {
    dir: string;
    seed: number;
    inputs?: number;
    max?: number;
}) {
    const input = { dtype: dtypeOf("uint8").onnx, bits: 8, committed: false, count: inputs };
    const output = { dtype: dtypeOf("int64").onnx, bits: 8, committed: false, count: 1 };
    const artifact = new TextEncoder().encode(JSON.stringify({ seed }));
    const key = forgeKey({ seed, signalCount: wordCount(input) + wordCount(output) + 1 });
    const schema = { seed };
    const spec = {
        artifactDigest: bytesToHex(createHash("sha256").update(artifact).digest()),
        ioSpec: encodeIoSpec({ input, output }),
        schemaHash: schemaHashOf(schema),
        semantics: SEMANTICS.EXACT_INT,
        vkHash: vkHashOf(key),
        derivedFrom: ZERO_BYTES32,
    };
    const blank = new Uint8Array(inputs);
    const known = { input: blank, output: answerOf({ seed, input: blank }), c: 0n };
    const proof = prove({ seed, spec, input: blank, output: known.output, bind: unboundBind(spec.vkHash) });
    const manifest = {
        version: 1,
        name: `forged-${seed}`,
        semantics: "EXACT_INT",
        artifact: { file: "model.onnx", sha256: spec.artifactDigest },
        ioSpec: uintToHex(spec.ioSpec),
        schema,
        schemaHash: spec.schemaHash,
        vkHash: spec.vkHash,
        contentHash: contentHash(spec),
        setup: { kind: "dev", transcriptHash: ZERO_BYTES32 },
        inputs: [{ shape: [inputs], min: "0", max: String(max) }],
        knownAnswer: { input: bytesToHex(blank), output: bytesToHex(known.output), proof: proof.map(String), c: null },
    };
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, "model.onnx"), artifact);
    await writeFile(join(dir, "verifying.key"), key);
    await writeFile(join(dir, "manifest.json"), JSON.stringify(manifest));
    return {
        dir,
        seed,
        spec,
        key,
        setup: { kind: SETUP_KINDS.dev, transcriptHash: ZERO_BYTES32 },
        known: { ...known, proof: [...proof] },
        modelIdFor: (owner: Hex): Hex => modelIdOf({ owner, contentHash: contentHash(spec) }),
    };
}

export type WrittenModel = Awaited<ReturnType<typeof writeForgedModel>>;

/** A runtime and a prover for models written here. Proofs are forged, and the real gate accepts them. */
export function forgedEngines(
    models: readonly { dir: string; spec: Pick<WrittenModel["spec"], "ioSpec" | "vkHash"> }[],
): Engines {
    return {
        createSession: async (artifact) => {
            const { seed } = artifactSchema.parse(JSON.parse(new TextDecoder().decode(artifact)));
            return { runBytes: async (input) => answerOf({ seed, input }), close: async () => {} };
        },
        createProver: async ({ modelDir }) => {
            const model = models.find(({ dir }) => dir === modelDir);
            if (model === undefined) throw new Error(`${modelDir} was not written here.`);
            const { seed } = artifactSchema.parse(JSON.parse(await readFile(join(modelDir, "model.onnx"), "utf8")));
            return {
                prove: async ({ input, bind }) => {
                    const output = answerOf({ seed, input });
                    return { proof: prove({ seed, spec: model.spec, input, output, bind }), output };
                },
                close: async () => {},
            };
        },
    };
}

/** The same engines, whose prover waits at a door, or spoils what it proves. */
export function withProver(
    engines: Engines,
    prove: (ask: () => ReturnType<Prover["prove"]>) => ReturnType<Prover["prove"]>,
): Engines {
    return {
        ...engines,
        createProver: async (parts) => {
            const prover = await engines.createProver(parts);
            return { ...prover, prove: (question) => prove(() => prover.prove(question)) };
        },
    };
}

function prove({
    seed,
    spec: { ioSpec, vkHash },
    ...parts
}: {
    seed: number;
    spec: { ioSpec: bigint; vkHash: Hex };
    input: Uint8Array;
    output: Uint8Array;
    bind: bigint;
}) {
    return forgeProof({ seed, signals: publicSignals({ ioSpec, vkHash, ...parts }) });
}
