import type { JsonObject } from "@assay/protocol";
import * as z from "zod";

const text = z.string();
const toolCall = z.object({
    id: text,
    type: z.literal("function"),
    function: z.object({ name: text, arguments: text }),
});
const toolDelta = z.object({
    index: z.int().min(0).max(1_000),
    id: text.nullish(),
    type: z.literal("function").nullish(),
    function: z.object({ name: text.nullish(), arguments: text.nullish() }).nullish(),
});

/** A whole message of an upstream; members that are not named here are neither signed nor passed on. */
export const messageSchema = z.object({
    role: z.literal("assistant"),
    content: text.nullish(),
    refusal: text.nullish(),
    reasoning_content: text.nullish(),
    tool_calls: z.array(toolCall).nullish(),
});
/** A piece of one. */
export const deltaSchema = z.object({
    role: z.literal("assistant").nullish(),
    content: text.nullish(),
    refusal: text.nullish(),
    reasoning_content: text.nullish(),
    tool_calls: z.array(toolDelta).nullish(),
});

/** A whole message. */
export type Message = z.output<typeof messageSchema>;
/** A piece of a message. */
export type Delta = z.output<typeof deltaSchema>;

/** The one form of a message: absent members have no place in it, but content always has. */
export function canonicalMessage({ content = null, refusal, reasoning_content, tool_calls }: Message): JsonObject {
    return {
        role: "assistant",
        content,
        ...(isAbsent(refusal) ? {} : { refusal }),
        ...(isAbsent(reasoning_content) ? {} : { reasoning_content }),
        ...(isAbsent(tool_calls) || tool_calls.length === 0 ? {} : { tool_calls }),
    };
}

/** The same of a piece, without the role: whoever streams says it first. */
export function canonicalDelta({ content, refusal, reasoning_content, tool_calls }: Delta): JsonObject {
    return {
        ...(isAbsent(content) || content === "" ? {} : { content }),
        ...(isAbsent(refusal) ? {} : { refusal }),
        ...(isAbsent(reasoning_content) ? {} : { reasoning_content }),
        ...(isAbsent(tool_calls) || tool_calls.length === 0 ? {} : { tool_calls: tool_calls.map(canonicalCall) }),
    };
}

/** The message of all pieces so far and one more; undefined when a call of a tool comes in another order than its own. */
export function joined({ message, delta }: { message: Message; delta: Delta }): Message | undefined {
    const calls = [...(message.tool_calls ?? [])];
    for (const { index, id, function: call } of delta.tool_calls ?? []) {
        const before = calls[index];
        if (index > calls.length || (before === undefined && (isAbsent(id) || isAbsent(call?.name)))) return undefined;
        const { name, arguments: said } = before?.function ?? { name: call?.name ?? "", arguments: "" };
        calls[index] = {
            id: before?.id ?? id ?? "",
            type: "function",
            function: { name, arguments: said + (call?.arguments ?? "") },
        };
    }
    return {
        role: "assistant",
        content: appended(message.content, delta.content),
        refusal: appended(message.refusal, delta.refusal),
        reasoning_content: appended(message.reasoning_content, delta.reasoning_content),
        tool_calls: calls,
    };
}

function appended(before: string | null | undefined, more: string | null | undefined): string | null | undefined {
    return isAbsent(more) ? before : (before ?? "") + more;
}

function canonicalCall({ index, id, type, function: call }: z.output<typeof toolDelta>): JsonObject {
    const { name, arguments: said } = call ?? {};
    return {
        index,
        ...(isAbsent(id) ? {} : { id }),
        ...(isAbsent(type) ? {} : { type }),
        function: { ...(isAbsent(name) ? {} : { name }), ...(isAbsent(said) ? {} : { arguments: said }) },
    };
}

function isAbsent<T>(value: T | null | undefined): value is null | undefined {
    return value === null || value === undefined;
}
