import path from "node:path";
import { fileURLToPath } from "node:url";
import { ProtocolError } from "@assay/protocol";
import { z } from "zod";
import { readJson } from "./io/files.ts";

/** Root of the checkout this command runs from. */
export const CHECKOUT = fileURLToPath(new URL("../../", import.meta.url));

const artifactSchema = z.object({
    abi: z.array(z.record(z.string(), z.unknown())),
    bytecode: z.string().regex(/^0x([0-9a-f]{2})+$/),
});

/** ABI and creation code of one compiled contract. */
export type Artifact = z.output<typeof artifactSchema>;

/** Reads a contract that `npm run build` compiled; throws ARTIFACTS_MISSING. */
export async function readArtifact({ source, name }: { source: string; name: string }): Promise<Artifact> {
    const file = path.join(CHECKOUT, "artifacts", source, `${name}.json`);
    try {
        return await readJson({ file, schema: artifactSchema });
    } catch (cause) {
        throw new ProtocolError({
            code: "ARTIFACTS_MISSING",
            message: `There is no compiled ${name} (${file}).`,
            cause,
        });
    }
}
