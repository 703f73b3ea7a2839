import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { CIRCUITS_DIR } from "./circuit/circuitsDir.ts";
import { MODEL_FILES } from "./files.ts";
import { sha256 } from "./hash.ts";
import { loadModel } from "./loadModel.ts";
import type { Manifest } from "./manifest.ts";

const COMPILER_DIR = fileURLToPath(new URL("./", import.meta.url));
/** Words, ids and keys are encoded there. */
const PROTOCOL_DIR = dirname(fileURLToPath(import.meta.resolve("@assay/protocol")));
/** Beside the files of a cached compilation: the hash of its manifest, which holds the hashes of all the others. */
const SEAL = "manifest.sha256";

/** A hash of all that decides what the compiler writes: its own and the protocol's source, the circuit library, tools. */
export async function compilerFingerprint(tools: Record<string, string>): Promise<string> {
    const files = [
        ...(await sourceFiles({ dir: COMPILER_DIR, suffix: ".ts" })),
        ...(await sourceFiles({ dir: PROTOCOL_DIR, suffix: ".ts" })),
        ...(await sourceFiles({ dir: PROTOCOL_DIR, suffix: ".json" })),
        ...(await sourceFiles({ dir: join(CIRCUITS_DIR, "lib"), suffix: ".circom" })),
    ];
    const hashes = await Promise.all(files.map(async (file) => sha256(await readFile(file))));
    return sha256([JSON.stringify(tools), ...hashes].join("\n"));
}

/**
 * Makes `target` a directory that `fill` wrote, or nothing at all: it is written beside and renamed. A directory that
 * was there is replaced.
 */
export async function writeDirectory<T>({
    target,
    fill,
}: {
    target: string;
    fill: (dir: string) => Promise<T>;
}): Promise<T> {
    await mkdir(dirname(target), { recursive: true });
    const staging = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
    const [next, previous] = [join(staging, "next"), join(staging, "previous")];
    try {
        await mkdir(next);
        const filled = await fill(next);
        const isReplaced = await rename(target, previous).then(() => true, falseWhenMissing);
        await rename(next, target).catch(async (error: unknown) => {
            if (isReplaced) await rename(previous, target);
            throw error;
        });
        return filled;
    } finally {
        await rm(staging, { recursive: true, force: true });
    }
}

/** Makes `target` what was cached; undefined, and nothing touched, if there is no such entry or any of it was changed. */
export async function takeFromCache({
    entry,
    target,
}: {
    entry: string;
    target: string;
}): Promise<Manifest | undefined> {
    if ((await sealed(entry)) === undefined) return undefined;
    try {
        // What is used is what was checked: the copy, not the entry.
        return await writeDirectory({
            target,
            fill: async (dir) => {
                await copyModel({ from: entry, to: dir });
                if ((await sealOf(dir)) !== (await sealed(entry))) throw new Error(`${entry} was changed`);
                return (await loadModel(dir)).manifest;
            },
        });
    } catch {
        return undefined;
    }
}

/** Puts a compilation into the cache, unless another process has put the same there meanwhile. */
export async function putIntoCache({ dir, entry }: { dir: string; entry: string }): Promise<void> {
    const fill = async (draft: string) => {
        await copyModel({ from: dir, to: draft });
        await writeFile(join(draft, SEAL), await sealOf(draft));
    };
    try {
        await writeDirectory({ target: entry, fill });
    } catch (error) {
        await loadModel(entry).catch(() => Promise.reject(error));
    }
}

async function copyModel({ from, to }: { from: string; to: string }): Promise<void> {
    for (const file of Object.values(MODEL_FILES)) await copyFile(join(from, file), join(to, file));
}

async function sealOf(dir: string): Promise<string> {
    return sha256(await readFile(join(dir, MODEL_FILES.manifest)));
}

async function sealed(entry: string): Promise<string | undefined> {
    return readFile(join(entry, SEAL), "utf8").catch(() => undefined);
}

async function sourceFiles({ dir, suffix }: { dir: string; suffix: string }): Promise<string[]> {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true });
    const files = entries
        .filter(
            (entry) =>
                entry.isFile() &&
                entry.name.endsWith(suffix) &&
                !relative(dir, entry.parentPath).includes("node_modules"),
        )
        .map((entry) => join(entry.parentPath, entry.name));
    return files.sort();
}

function falseWhenMissing(error: unknown): false {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
}
