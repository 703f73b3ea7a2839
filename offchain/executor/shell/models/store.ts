import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
    contentHash,
    decodeIntegers,
    decodeIoSpec,
    decodeTensor,
    type Hex,
    isHex,
    type JsonObject,
    type ModelSpec,
    modelIdOf,
    ProtocolError,
    sideBytes,
    sideDtype,
} from "@assay/protocol";
import { readCompiledModel } from "@assay/sdk";
import { z } from "zod";
import { readChecked } from "./artifact.ts";

/** A compiled model in a directory of this machine. */
export type LocalModel = {
    dir: string;
    name: string;
    spec: ModelSpec;
    /** Bytes of the verifying key, which hash to spec.vkHash. */
    key: Uint8Array;
    artifact: { file: string; sha256: Hex };
    /** By input tensor, in order: how many elements, and the smallest and largest value that one may have. */
    ranges: { count: number; min: bigint; max: bigint }[];
    /** What spec.schemaHash is the hash of. */
    schema: JsonObject;
};

/** Who owns a version, and what it was made from: what a modelId says beyond the files. */
export type Registration = { owner: Hex; derivedFrom: Hex };

/** The compiled models of this machine. */
export type ModelStore = {
    /** Whether any has this ioSpec and key: whoever asks for another model need not be looked up further. */
    has: (parts: { ioSpec: bigint; vkHash: Hex }) => boolean;
    /** The model that is this version; undefined if its files are not here. */
    find: (parts: { modelId: Hex; registration: Registration }) => LocalModel | undefined;
    size: number;
};

const integer = z.union([z.string().regex(/^-?\d+$/), z.number().int()]).transform(BigInt);
const manifestSchema = z.object({
    artifact: z.object({ file: z.string(), sha256: z.custom<Hex>((value) => isHex(value, 32)) }),
    inputs: z.array(z.object({ shape: z.array(z.number().int()), min: integer, max: integer })),
    schema: z.record(z.string(), z.json()),
});

/** Reads the manifests of some directories and holds their hashes against their files. */
export async function openModelStore({ dirs }: { dirs: readonly string[] }): Promise<ModelStore> {
    const models = await Promise.all(dirs.map(readLocalModel));
    return {
        has: ({ ioSpec, vkHash }) => models.some(({ spec }) => spec.ioSpec === ioSpec && spec.vkHash === vkHash),
        find: ({ modelId, registration: { owner, derivedFrom } }) =>
            models.find(
                ({ spec }) => modelIdOf({ owner, contentHash: contentHash({ ...spec, derivedFrom }) }) === modelId,
            ),
        size: models.length,
    };
}

/** Reads the manifest of a compiled model's directory and holds its hashes against its files; throws EXECUTOR_ARTIFACT_CORRUPT. */
export async function readLocalModel(dir: string): Promise<LocalModel> {
    const { name, spec, key } = await readCompiledModel({ dir });
    const manifest = manifestSchema.safeParse(JSON.parse(await readFile(join(dir, "manifest.json"), "utf8")));
    if (!manifest.success) {
        const message = `${join(dir, "manifest.json")}: ${z.prettifyError(manifest.error)}.`;
        throw new ProtocolError({ code: "EXECUTOR_ARTIFACT_CORRUPT", message });
    }
    const { artifact, inputs, schema } = manifest.data;
    const ranges = inputs.map(({ shape, min, max }) => ({ count: shape.reduce((a, b) => a * b, 1), min, max }));
    return { dir, name, spec, key, artifact, ranges, schema };
}

/** The bytes of a model's artifact, held against the digest that is registered. */
export function readArtifact(model: Pick<LocalModel, "dir" | "artifact">): Promise<Uint8Array> {
    return readChecked({ dir: model.dir, ...model.artifact });
}

/** What is wrong with an input: its length, or an element outside the model's range; undefined if nothing is. */
export function inputFault({
    model,
    input,
}: {
    model: Pick<LocalModel, "spec" | "ranges">;
    input: Uint8Array;
}): "INPUT_SHAPE" | "INPUT_RANGE" | undefined {
    const side = decodeIoSpec(model.spec.ioSpec).input;
    if (input.length !== sideBytes(side)) return "INPUT_SHAPE";
    const values = decodeIntegers({ dtype: sideDtype(side).name, bytes: input });
    const { name, float } = sideDtype(side);
    if (float && decodeTensor({ dtype: name, bytes: input }).some(Number.isNaN)) return "INPUT_RANGE";
    let start = 0;
    const isOutside = model.ranges.some(({ count, min, max }) => {
        start += count;
        return values.slice(start - count, start).some((value) => value < min || value > max);
    });
    return isOutside ? "INPUT_RANGE" : undefined;
}
