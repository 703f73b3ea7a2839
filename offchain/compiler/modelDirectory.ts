import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ProtocolError } from "@assay/protocol";
import { z } from "zod";
import { writeDirectory } from "./cache.ts";
import type { BuiltModel } from "./completeModel.ts";
import { MODEL_FILES } from "./files.ts";
import { encodeManifest } from "./manifest.ts";

/** Of a manifest of any version, what tells whether its key can be made again. */
const setupOfManifest = z.object({ setup: z.object({ kind: z.enum(["dev", "single", "ceremony"]) }) });

/** Writes a compiled model directory as a whole, or nothing. */
export async function writeModel({
    target,
    built: { files, manifest },
}: {
    target: string;
    built: BuiltModel;
}): Promise<void> {
    const text = new TextEncoder().encode(encodeManifest(manifest));
    const isSecret = manifest.parameters !== undefined;
    await writeFiles({ target, files: new Map([...files, [MODEL_FILES.manifest, text]]), isSecret });
}

/** Writes a directory of files as a whole, or nothing; with private parameters among them, for the owner's eyes alone. */
export async function writeFiles({
    target,
    files,
    isSecret,
}: {
    target: string;
    files: ReadonlyMap<string, Uint8Array>;
    isSecret: boolean;
}): Promise<void> {
    const options = isSecret ? { mode: 0o600 } : {};
    const fill = async (dir: string) => {
        for (const [name, content] of files) await writeFile(join(dir, name), content, options);
    };
    await writeDirectory({ target, fill });
}

/** Throws MODEL_DIR_EXISTS unless there is nothing, or an empty directory. */
export async function requireEmpty(target: string): Promise<void> {
    if ((await entriesOf(target)).length > 0) throw exists(`${target} holds other files.`);
}

/** Throws MODEL_DIR_EXISTS when there is a file of another name: whoever replaces the directory would remove it. */
export async function requireOnly({ target, files }: { target: string; files: readonly string[] }): Promise<void> {
    const other = (await entriesOf(target)).find((file) => !files.includes(file));
    if (other !== undefined) throw exists(`${target} holds ${other}, which is not of it.`);
}

/**
 * Throws MODEL_DIR_EXISTS unless there is nothing, an empty directory or an older compilation with a development key:
 * any other key cannot be made again. Many things have a manifest.json.
 */
export async function requireReplaceable(target: string): Promise<void> {
    const entries = await entriesOf(target);
    const isCompilation = [MODEL_FILES.manifest, MODEL_FILES.verifyingKey].every((file) => entries.includes(file));
    const isForeign = entries.some((file) => !Object.values<string>(MODEL_FILES).includes(file));
    if (entries.length === 0) return;
    if (!isCompilation || isForeign) throw exists(`${target} holds other files.`);
    const kind = await setupKindOf(target);
    if (kind === "dev") return;
    throw exists(`${target} holds a ${kind} key, which cannot be made again: name another --out.`);
}

async function setupKindOf(target: string): Promise<"dev" | "single" | "ceremony"> {
    try {
        const text = await readFile(join(target, MODEL_FILES.manifest), "utf8");
        return setupOfManifest.parse(JSON.parse(text)).setup.kind;
    } catch (cause) {
        throw exists(`${target} has a manifest.json that does not say how its key was made.`, cause);
    }
}

async function entriesOf(target: string): Promise<string[]> {
    return readdir(target).catch((cause: unknown): string[] => {
        if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return [];
        throw exists(`${target} is not a directory.`, cause);
    });
}

function exists(message: string, cause?: unknown): ProtocolError {
    return new ProtocolError({ code: "MODEL_DIR_EXISTS", message, cause });
}
