import { type Configuration, type JsonObject, TEMPLATE_PLACE } from "@assay/protocol";
import * as z from "zod";
import { memberInvalid, unsupported } from "./_refusal.ts";
import { type Attachment, attachmentOf, attachmentOfUrl } from "./attachments.ts";

const jsonObject = z.record(z.string(), z.json());
const text = z.string();
const textPart = z.strictObject({ type: z.literal("text"), text });
const part = z.discriminatedUnion("type", [
    textPart,
    z.strictObject({
        type: z.literal("image_url"),
        image_url: z.strictObject({ url: text, detail: z.enum(["auto", "low", "high"]).optional() }),
    }),
    z.strictObject({
        type: z.literal("input_audio"),
        input_audio: z.strictObject({ data: text, format: z.enum(["wav", "mp3"]) }),
    }),
    z.strictObject({ type: z.literal("file"), file: z.strictObject({ file_data: text, filename: text.optional() }) }),
]);
const texts = z.union([text, z.array(textPart).min(1)]);
const toolCall = z.strictObject({
    id: text,
    type: z.literal("function"),
    function: z.strictObject({ name: text, arguments: text }),
});
const message = z.discriminatedUnion("role", [
    z.strictObject({ role: z.enum(["system", "developer"]), content: texts, name: text.optional() }),
    z.strictObject({ role: z.literal("user"), content: z.union([text, z.array(part).min(1)]), name: text.optional() }),
    z.strictObject({
        role: z.literal("assistant"),
        content: texts.nullish(),
        name: text.optional(),
        refusal: text.nullish(),
        tool_calls: z.array(toolCall).optional(),
    }),
    z.strictObject({ role: z.literal("tool"), content: texts, tool_call_id: text }),
]);
const conversation = z.array(message).min(1).max(10_000);

type Message = z.output<typeof message>;
type Part = z.output<typeof part>;

/** A conversation as the model gets it: as JSON, its text alone by message, and what came with it. */
export type Conversation = {
    messages: JsonObject[];
    texts: { role: Message["role"]; text: string }[];
    attachments: Attachment[];
};

/**
 * Reads `messages` and applies a configuration: system prompt in front, text of users trimmed and put into the template.
 * Throws GATEWAY_BODY_INVALID, and GATEWAY_PARAMETER_UNSUPPORTED for what a model that only reads text cannot.
 */
export function readMessages({
    given,
    config,
    readsTextOnly,
}: {
    given: unknown;
    config: Configuration;
    readsTextOnly: boolean;
}): Conversation {
    const parsed = conversation.safeParse(given);
    if (!parsed.success) throw memberInvalid("messages", parsed.error);
    const prompt: Message[] =
        config.systemPrompt === undefined ? [] : [{ role: "system", content: config.systemPrompt }];
    const messages = [...prompt, ...parsed.data.map((one) => shaped({ message: one, config }))];
    if (readsTextOnly) for (const one of messages) requireText(one);
    return {
        messages: messages.map((one): JsonObject => jsonObject.parse(withoutUndefined(one))),
        texts: messages.map((one) => ({ role: one.role, text: textOf(one) })),
        attachments: messages.flatMap(attachmentsOf),
    };
}

function shaped({ message: one, config }: { message: Message; config: Configuration }): Message {
    if (one.role !== "user") return one;
    const { content } = one;
    if (typeof content === "string") return { ...one, content: shapedText({ text: content, config }) };
    const parts = content.map((piece) =>
        piece.type === "text" ? { ...piece, text: shapedText({ text: piece.text, config }) } : piece,
    );
    return { ...one, content: parts };
}

function shapedText({
    text,
    config: { template = TEMPLATE_PLACE, preprocessing },
}: {
    text: string;
    config: Configuration;
}): string {
    const content = preprocessing?.trim === true ? text.trim() : text;
    return template.split(TEMPLATE_PLACE).join(content);
}

/** What a small model cannot obey is refused: names of speakers, calls of tools, pictures. */
function requireText(one: Message): void {
    const isPlain = one.role !== "tool" && one.name === undefined && !("tool_calls" in one) && !("refusal" in one);
    if (!isPlain)
        throw unsupported('This model reads messages of "role" and "content" only, and none of tools.', "messages");
    const other = Array.isArray(one.content) ? one.content.find(({ type }) => type !== "text") : undefined;
    if (other !== undefined) throw unsupported(`This model reads text, no "${other.type}".`, "messages");
}

function textOf({ content }: Message): string {
    if (!Array.isArray(content)) return content ?? "";
    return content.map((piece) => (piece.type === "text" ? piece.text : "")).join("");
}

function attachmentsOf({ content }: Message): Attachment[] {
    return Array.isArray(content) ? content.flatMap(attachmentsOfPart) : [];
}

function attachmentsOfPart(piece: Part): Attachment[] {
    switch (piece.type) {
        case "text":
            return [];
        case "image_url":
            return [attachmentOfUrl(piece.image_url.url)];
        case "input_audio": {
            const { data, format } = piece.input_audio;
            return [attachmentOf({ mediaType: `audio/${format}`, base64: data })];
        }
        case "file":
            return [attachmentOfUrl(piece.file.file_data)];
    }
}

/** What is absent has no place in canonical JSON. */
function withoutUndefined(one: Message): object {
    return Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined));
}
