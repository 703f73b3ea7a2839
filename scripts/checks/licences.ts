/** Finds copyleft packages in the dependency trees that must stay permissive. */
import { readFileSync } from "node:fs";
import { z } from "zod";

/** Workspaces whose users must not inherit GPL terms; "" is the root, whose only runtime libraries are the contracts'. */
const PERMISSIVE = [
    "",
    "offchain/protocol",
    "offchain/sdk",
    "offchain/executor",
    "offchain/enclave",
    "offchain/gateway",
];

const lockSchema = z.object({
    packages: z.record(
        z.string(),
        z.object({
            license: z.string().optional(),
            link: z.boolean().optional(),
            resolved: z.string().optional(),
            dependencies: z.record(z.string(), z.string()).optional(),
        }),
    ),
});
type Packages = z.infer<typeof lockSchema>["packages"];

/** Path of a dependency as Node resolves it from `from`: the nearest node_modules upwards. */
function resolve(packages: Packages, from: string, name: string): string | undefined {
    for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf("/"), 0))) {
        const path = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
        const found = packages[path];
        if (found !== undefined) return found.link === true ? found.resolved : path;
        if (folder === "") return undefined;
    }
}

/** Every "path: licence" below the permissive workspaces that names a GPL licence. */
export function copyleftPackages(): string[] {
    const { packages } = lockSchema.parse(JSON.parse(readFileSync("package-lock.json", "utf8")));
    const seen = new Set<string>();
    const queue = [...PERMISSIVE];
    const found: string[] = [];
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
        if (seen.has(path)) continue;
        seen.add(path);
        const entry = packages[path];
        if (/GPL/i.test(entry?.license ?? "")) found.push(`${path}: ${entry?.license}`);
        for (const name of Object.keys(entry?.dependencies ?? {})) {
            const next = resolve(packages, path, name);
            if (next !== undefined) queue.push(next);
        }
    }
    return found;
}
