import * as z from "zod";
import { ProtocolError } from "./errors/ProtocolError.ts";

/** What a template puts the text of a user's message in place of. */
export const TEMPLATE_PLACE = "{{content}}";

const MOST_TEXT = 100_000;
const text = z.string().min(1).max(MOST_TEXT);

/** Sampling parameters that a request can leave to the configuration. */
const sampling = z
    .strictObject({
        temperature: z.number().min(0).max(2),
        top_p: z.number().gt(0).max(1),
        max_tokens: z.int().min(1).max(1_000_000),
        seed: z.int().min(0),
        stop: z.array(z.string().min(1).max(1_000)).min(1).max(4),
    })
    .partial();

/**
 * A configuration as it is published: everything that shapes inferences beside the model and the request. It is strict:
 * whoever pins its hash knows that nothing in it is ignored.
 */
export const configurationSchema = z
    .strictObject({
        /** Put in front of a conversation as a message of the role "system". */
        systemPrompt: text,
        /** What becomes of the text of every user message: it stands where `{{content}}` is. */
        template: text.refine((value) => value.split(TEMPLATE_PLACE).length === 2, `needs ${TEMPLATE_PLACE}, once`),
        /** Of whatever a request leaves out. */
        sampling,
        preprocessing: z
            .strictObject({
                /** White space around the text of user messages is cut off, before the template. */
                trim: z.literal(true),
                /** By input of a tensor model: each element becomes element * multiply + add, in double precision. */
                inputs: z.record(z.string(), z.strictObject({ multiply: z.number(), add: z.number() })),
            })
            .partial(),
        postprocessing: z
            .strictObject({
                /** White space around the answer of a chat is cut off. */
                trim: z.literal(true),
            })
            .partial(),
    })
    .partial();

/** A configuration that was checked. */
export type Configuration = z.infer<typeof configurationSchema>;

/**
 * Reads a configuration; throws CONFIG_INVALID, naming what is wrong.
 *
 * @example
 * parseConfiguration({ systemPrompt: "Answer in one sentence." }).systemPrompt; // "Answer in one sentence."
 */
export function parseConfiguration(value: unknown): Configuration {
    const parsed = configurationSchema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new ProtocolError({ code: "CONFIG_INVALID", message: `${z.prettifyError(parsed.error)}.` });
}

/** Whether a configuration has anything to do with a route: one that has not is not in force there. */
export function isInForce({ config, route }: { config: Configuration; route: "infer" | "chat" }): boolean {
    const { preprocessing = {}, ...others } = config;
    const isTensors = preprocessing.inputs !== undefined;
    return route === "infer" ? isTensors : preprocessing.trim !== undefined || Object.keys(others).length > 0;
}
