import { createHash } from "node:crypto";
import { readdir, readFile, realpath } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bytesToHex, canonicalJson, type Hex, ProtocolError } from "@assay/protocol";
import { z } from "zod";

const manifestSchema = z.object({
    name: z.string(),
    version: z.string(),
    dependencies: z.record(z.string(), z.string()).default({}),
    optionalDependencies: z.record(z.string(), z.string()).default({}),
});

/** Folder of this package. */
export const ENCLAVE_PACKAGE = fileURLToPath(new URL("..", import.meta.url));

/**
 * sha256 of the canonical JSON of [path, sha256] of every file of the packages in `folders` and of all packages that they
 * depend on, sorted by path; a path is "name@version/file". Covered are all files of these packages, ours and others',
 * native libraries included. Not covered: Node itself, the operating system, what only development needs, and node_modules
 * inside a package, whose packages are looked up by name like all others. The vendor's measurement covers the whole
 * image; this digest says which program of an image speaks.
 */
export async function binaryDigestOf({ folders }: { folders: readonly string[] }): Promise<Hex> {
    const packages = await packagesBelow(folders);
    const files = (await Promise.all(packages.map(filesOf))).flat();
    const digests: [string, string][] = [];
    for (const { name, file } of files) digests.push([name, await sha256Of(file)]);
    digests.sort(([a], [b]) => (a < b ? -1 : 1));
    return bytesToHex(createHash("sha256").update(canonicalJson(digests)).digest());
}

type Package = { folder: string; title: string };

/** Every package that is reached by `dependencies`, and by `optionalDependencies` that are installed. */
async function packagesBelow(folders: readonly string[]): Promise<Package[]> {
    const found = new Map<string, Package>();
    const queue = await Promise.all(folders.map((folder) => realpath(folder)));
    for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
        if (found.has(folder)) continue;
        const manifest = manifestSchema.parse(JSON.parse(await readFile(path.join(folder, "package.json"), "utf8")));
        found.set(folder, { folder, title: `${manifest.name}@${manifest.version}` });
        for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
            const dependency = await findPackage({ name, from: folder });
            if (dependency !== undefined) queue.push(dependency);
            else if (name in manifest.dependencies && !(name in manifest.optionalDependencies)) throw missing(name);
        }
    }
    return [...found.values()];
}

/** Folder of a package as Node finds it: in the nearest node_modules upwards. */
async function findPackage({ name, from }: { name: string; from: string }): Promise<string | undefined> {
    for (let folder = from; ; folder = path.dirname(folder)) {
        const found = await realpath(path.join(folder, "node_modules", name)).catch(() => undefined);
        if (found !== undefined) return found;
        if (folder === path.dirname(folder)) return undefined;
    }
}

async function filesOf({ folder, title }: Package): Promise<{ name: string; file: string }[]> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.flatMap((entry) => {
        const file = path.join(entry.parentPath, entry.name);
        const parts = path.relative(folder, file).split(path.sep);
        // A link could lead anywhere, so that what it stands for would not be in the digest.
        if (entry.isSymbolicLink() && parts[0] !== "node_modules") throw linked(file);
        return entry.isFile() && parts[0] !== "node_modules" ? [{ name: `${title}/${parts.join("/")}`, file }] : [];
    });
}

async function sha256Of(file: string): Promise<string> {
    return createHash("sha256")
        .update(await readFile(file))
        .digest("hex");
}

function missing(name: string): ProtocolError {
    return new ProtocolError({ code: "ENCLAVE_UNMEASURED", message: `The package ${name} is not installed.` });
}

function linked(file: string): ProtocolError {
    return new ProtocolError({ code: "ENCLAVE_UNMEASURED", message: `${file} is a link.` });
}
