import type { JsonObject } from "@assay/protocol";
import { chatIdOf } from "./ids.ts";

/** What all bodies of one completion have in common. */
export type CompletionHead = { id: string; modelName: string; createdAt: number };

/** OpenAI's chat completion. */
export function completion(
    { id, modelName, createdAt }: CompletionHead,
    { answer, usage }: { answer: JsonObject; usage: JsonObject | null },
): JsonObject {
    return {
        id: chatIdOf(id),
        object: "chat.completion",
        created: createdAt,
        model: modelName,
        ...answer,
        ...(usage === null ? {} : { usage: openAiUsage(usage) }),
    };
}

/** One chunk of a streamed completion; `usage` is a member of every chunk if it was asked for, null in all but its own. */
export function chunk(
    { id, modelName, createdAt }: CompletionHead,
    { choices, usage }: { choices: readonly JsonObject[]; usage: JsonObject | null | undefined },
): JsonObject {
    return {
        id: chatIdOf(id),
        object: "chat.completion.chunk",
        created: createdAt,
        model: modelName,
        choices: [...choices],
        ...(usage === undefined ? {} : { usage: usage === null ? null : openAiUsage(usage) }),
    };
}

/** A choice of a chunk that says who speaks: the first of a stream. */
export const ROLE_CHOICE = { index: 0, delta: { role: "assistant", content: "" }, finish_reason: null };

/** A finished answer as the choices of two chunks: its text, and why it ended. For those who come back to a stream. */
export function choicesOf(answer: JsonObject): JsonObject[][] {
    const choices = Array.isArray(answer.choices) ? answer.choices.filter(isObject) : [];
    return choices.flatMap(({ index, message, finish_reason }) => {
        const { role: _, ...delta } = isObject(message) ? message : {};
        const at = index ?? 0;
        return [
            [{ index: at, delta, finish_reason: null }],
            [{ index: at, delta: {}, finish_reason: finish_reason ?? "stop" }],
        ];
    });
}

/** Usage in OpenAI's words. */
function openAiUsage(usage: JsonObject): JsonObject {
    const { promptTokens, completionTokens, totalTokens, ...rest } = usage;
    if (promptTokens === undefined) return usage;
    return {
        prompt_tokens: promptTokens,
        completion_tokens: completionTokens ?? 0,
        total_tokens: totalTokens ?? 0,
        ...rest,
    };
}

function isObject(value: unknown): value is JsonObject {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
