import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CIRCUITS_DIR } from "./circuit/compileCircom.ts";
import { sha256 } from "./hash.ts";

const COMPILER_DIR = fileURLToPath(new URL("./", import.meta.url));

/** A hash of everything that decides what the compiler writes: its own source, the circuit library, the tools. */
export async function compilerFingerprint(tools: Record<string, string>): Promise<string> {
    const files = [
        ...(await sourceFiles({ dir: COMPILER_DIR, suffix: ".ts" })),
        ...(await sourceFiles({ dir: join(CIRCUITS_DIR, "lib"), suffix: ".circom" })),
    ];
    const hashes = await Promise.all(files.map(async (file) => sha256(await readFile(file))));
    return sha256([JSON.stringify(tools), ...hashes].join("\n"));
}

/**
 * Makes `target` a directory that `fill` wrote, or nothing at all: it is written beside and renamed. A directory that
 * was there is replaced.
 */
export async function writeDirectory({
    target,
    fill,
}: {
    target: string;
    fill: (dir: string) => Promise<void>;
}): Promise<void> {
    await mkdir(dirname(target), { recursive: true });
    const staging = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
    const [next, previous] = [join(staging, "next"), join(staging, "previous")];
    try {
        await mkdir(next);
        await fill(next);
        const isReplaced = await rename(target, previous).then(() => true, falseWhenMissing);
        await rename(next, target).catch(async (error: unknown) => {
            if (isReplaced) await rename(previous, target);
            throw error;
        });
    } finally {
        await rm(staging, { recursive: true, force: true });
    }
}

/** Copies a directory as a whole. */
export async function copyDirectory({ from, to }: { from: string; to: string }): Promise<void> {
    await writeDirectory({ target: to, fill: (dir) => cp(from, dir, { recursive: true }) });
}

async function sourceFiles({ dir, suffix }: { dir: string; suffix: string }): Promise<string[]> {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true });
    const files = entries
        .filter((entry) => entry.isFile() && entry.name.endsWith(suffix) && !entry.parentPath.includes("node_modules"))
        .map((entry) => join(entry.parentPath, entry.name));
    return files.sort();
}

function falseWhenMissing(error: unknown): false {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
}
