import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const FOLDER = fileURLToPath(new URL("../../../../shared/tee-vectors/", import.meta.url));
const KINDS: Record<string, string> = {
    "aws-nitro-enclave": "nitro",
    "intel-tdx": "tdx",
    "intel-sgx": "sgx",
    "amd-snp": "snp",
    "amd-sev-snp": "snp",
};

const expected = z.object({
    kind: z.string().transform((kind) => KINDS[kind] ?? kind),
    file: z.string(),
    expect: z.string(),
    validAtUnix: z.object({ from: z.number(), to: z.number(), suggested: z.number() }).optional(),
    collateralFile: z.object({}).optional(),
    tcb: z.object({ platform_sgx: z.string(), advisories: z.array(z.string()) }).optional(),
});

/** One genuine document with what is known of it. */
export type TeeVector = z.output<typeof expected> & { name: string; argv: string[] };

/** The genuine documents beside the repository; none when the folder is not there. */
export function teeVectors(): TeeVector[] {
    if (!existsSync(FOLDER)) return [];
    const names = readdirSync(FOLDER).filter((name) => existsSync(path.join(FOLDER, name, "expected.json")));
    return names.map((name) => {
        const dir = path.join(FOLDER, name);
        const facts = expected.parse(JSON.parse(readFileSync(path.join(dir, "expected.json"), "utf8")));
        const collateral =
            facts.collateralFile === undefined ? [] : ["--collateral", path.join(dir, "collateral.json")];
        return { ...facts, name, argv: [path.join(dir, facts.file), "--kind", facts.kind, ...collateral] };
    });
}
