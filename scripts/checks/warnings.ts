/** Collects what the Solidity compiler warned about in the last build: warnings count as errors. */
import { globSync, readFileSync } from "node:fs";
import { z } from "zod";

const outputSchema = z.object({
    output: z.object({
        errors: z
            .array(z.object({ severity: z.string(), errorCode: z.string(), formattedMessage: z.string() }))
            .optional(),
    }),
});

/** Code or creation code over the size limits. */
const TOO_LARGE = ["5574", "3860"];
const TEST_FILE = "--> project/test/";

/** Every compiler message of the builds in artifacts/; only a test, which is never deployed, may be too large. */
export function compilerWarnings(): string[] {
    return globSync("artifacts/build-info/*.output.json").flatMap((file) => {
        const { output } = outputSchema.parse(JSON.parse(readFileSync(file, "utf8")));
        return (output.errors ?? [])
            .filter(({ severity }) => severity !== "info")
            .filter((e) => !(TOO_LARGE.includes(e.errorCode) && e.formattedMessage.includes(TEST_FILE)))
            .map(({ formattedMessage }) => formattedMessage.trim());
    });
}
