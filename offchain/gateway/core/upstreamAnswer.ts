import type { GatewayContext, JsonObject } from "@assay/protocol";
import * as z from "zod";
import { createAnswerText } from "./answerText.ts";
import type { Choice } from "./chatOutput.ts";
import {
    canonicalDelta,
    canonicalMessage,
    deltaSchema,
    joined,
    type Message,
    messageSchema,
} from "./upstreamMessage.ts";

/** Halves of pairs have no place in canonical JSON: a context with one could never be signed. */
const label = z
    .string()
    .max(1_000)
    .refine((text) => text.isWellFormed(), "no text");
const count = z.int().min(0);
const usageSchema = z.object({ prompt_tokens: count, completion_tokens: count, total_tokens: count });
const common = {
    id: label.nullish(),
    model: z.string(),
    system_fingerprint: label.nullish(),
    usage: usageSchema.nullish(),
};
const wholeSchema = z.object({
    ...common,
    choices: z.tuple([z.object({ index: z.literal(0), message: messageSchema, finish_reason: label })]),
});
const chunkSchema = z.object({
    ...common,
    choices: z.array(z.object({ index: z.literal(0), delta: deltaSchema, finish_reason: label.nullish() })).max(1),
});
const failureSchema = z.object({ error: z.unknown() });

/** What an upstream answered, as it is signed. */
export type UpstreamAnswer = {
    choices: Choice[];
    usage: GatewayContext["usage"];
    id: string | null;
    fingerprint: string | null;
};

/** Failed: the upstream says so. Invalid: it is no answer of the model that was asked. */
export type UpstreamFault = "failed" | "invalid";

/** Reads a whole answer to a request for one choice. */
export function readCompletion({
    json,
    model,
    trim,
}: {
    json: unknown;
    model: string;
    trim: boolean;
}): UpstreamAnswer | UpstreamFault {
    const parsed = wholeSchema.safeParse(json);
    if (!parsed.success) return failureSchema.safeParse(json).success ? "failed" : "invalid";
    // Whoever answers in another model's name is never signed as the one that was asked.
    if (parsed.data.model !== model) return "invalid";
    const [{ message, finish_reason }] = parsed.data.choices;
    const content = trim && typeof message.content === "string" ? message.content.trim() : message.content;
    const choice = { index: 0, message: canonicalMessage({ ...message, content }), finish_reason };
    return { choices: [choice], ...factsOf(parsed.data) };
}

/** Reads an answer piece by piece. */
export type StreamReader = {
    /** One chunk; what of it is passed on as `choices`, none for a chunk that says nothing to a caller. */
    chunk: (json: unknown) => JsonObject[] | UpstreamFault;
    /** The whole answer, once the last chunk was read; failed if it did not come to its end. */
    end: () => UpstreamAnswer | UpstreamFault;
};

/** A reader of the chunks of one choice; everything that it passes on is in the answer, and the reverse. */
export function createStreamReader({ model, trim }: { model: string; trim: boolean }): StreamReader {
    const text = createAnswerText({ stops: [], trim });
    let message: Message = { role: "assistant" };
    let finish: string | undefined;
    let facts: Omit<UpstreamAnswer, "choices"> = { usage: null, id: null, fingerprint: null };

    const chunk: StreamReader["chunk"] = (json) => {
        const parsed = chunkSchema.safeParse(json);
        if (!parsed.success) return failureSchema.safeParse(json).success ? "failed" : "invalid";
        if (parsed.data.model !== model) return "invalid";
        const { usage, id, fingerprint } = factsOf(parsed.data);
        facts = { usage: usage ?? facts.usage, id: facts.id ?? id, fingerprint: facts.fingerprint ?? fingerprint };
        const [choice] = parsed.data.choices;
        if (choice === undefined) return [];
        if (finish !== undefined) return "invalid";
        const { content } = choice.delta;
        const said = typeof content === "string" ? text.push(content) : content;
        finish = choice.finish_reason ?? undefined;
        const delta = { ...choice.delta, content: said };
        const next = joined({ message, delta });
        if (next === undefined) return "invalid";
        message = next;
        const passed = canonicalDelta(delta);
        if (finish === undefined && Object.keys(passed).length === 0) return [];
        return [{ index: 0, delta: passed, finish_reason: finish ?? null }];
    };
    return {
        chunk,
        end: () => {
            if (finish === undefined) return "failed";
            return { choices: [{ index: 0, message: canonicalMessage(message), finish_reason: finish }], ...facts };
        },
    };
}

type Common = z.output<z.ZodObject<typeof common>>;

function factsOf({ usage, id, system_fingerprint }: Common): Omit<UpstreamAnswer, "choices"> {
    const counted = usage && {
        promptTokens: usage.prompt_tokens,
        completionTokens: usage.completion_tokens,
        totalTokens: usage.total_tokens,
    };
    return { usage: counted ?? null, id: id ?? null, fingerprint: system_fingerprint ?? null };
}
