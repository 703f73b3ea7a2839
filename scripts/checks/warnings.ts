/** Collects what the Solidity compiler warned about in the last build: warnings count as errors. */
import { globSync, readFileSync } from "node:fs";
import { z } from "zod";

const outputSchema = z.object({
    output: z.object({
        errors: z.array(z.object({ severity: z.string(), formattedMessage: z.string() })).optional(),
    }),
});

/** Every compiler message of the builds in artifacts/. */
export function compilerWarnings(): string[] {
    return globSync("artifacts/build-info/*.output.json").flatMap((file) => {
        const { output } = outputSchema.parse(JSON.parse(readFileSync(file, "utf8")));
        return (output.errors ?? []).filter((e) => e.severity !== "info").map((e) => e.formattedMessage.trim());
    });
}
