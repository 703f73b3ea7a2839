import { ProtocolError } from "@assay/protocol";
import { z } from "zod";

/** Committed: the bytes stay private, and their commitment is public. */
const visibility = z.enum(["public", "committed"]).default("public");

const options = z.object({
    name: z.string().min(1).max(100),
    bits: z.number().int().min(2).max(24).default(8),
    inputBits: z.number().int().min(1).max(32).default(8),
    accuracyPct: z.number().min(0).max(100).default(1),
    inputVisibility: visibility,
    outputVisibility: visibility,
    parameters: z.enum(["constants", "committed"]).default("constants"),
    setup: z.enum(["dev", "single"]).default("dev"),
});

/** What a caller may choose, with defaults. */
export type Options = z.output<typeof options>;

/** Checks the options of a compilation; throws MODEL_OPTION_INVALID. */
export function parseOptions(given: z.input<typeof options>): Options {
    const parsed = options.safeParse(given);
    if (parsed.success) return parsed.data;
    throw new ProtocolError({ code: "MODEL_OPTION_INVALID", message: `${z.prettifyError(parsed.error)}.` });
}
