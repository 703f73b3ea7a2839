import {
    canonicalJson,
    type GatewayReceipt,
    hexToBytes,
    type JsonObject,
    parseConfiguration,
    TEMPLATE_PLACE,
} from "@assay/protocol";
import { z } from "zod";
import { mismatch } from "./claims.ts";

/** One message of a chat, in OpenAI's form. */
export type Message = { role: string; content?: unknown; [member: string]: unknown };

/** One finished answer of a chat. */
export type Choice = {
    index: number;
    message: { role: string; content?: string | null | undefined; [member: string]: unknown };
    finish_reason: string;
};

const messageSchema = z.looseObject({ role: z.string() });
const effectiveSchema = z.looseObject({ messages: z.array(messageSchema), salt: z.string() });
const choiceSchema = z.strictObject({
    index: z.int(),
    message: z.looseObject({ role: z.string(), content: z.string().nullish() }),
    finish_reason: z.string(),
});
const outputSchema = z.strictObject({ choices: z.array(choiceSchema).min(1) });

/** Members of a request that are no parameters of a model. */
const ASIDE: readonly string[] = ["model", "messages", "stream", "stream_options", "verification"];
/** OpenAI's two names of one parameter. */
const OTHER_NAME: Readonly<Record<string, string>> = { max_completion_tokens: "max_tokens" };
/** Values that ask for what happens anyway: models that have no such parameter give it all the same. */
const NEUTRAL: ReadonlyMap<string, string> = new Map([
    ["n", "1"],
    ["logprobs", "false"],
    ["store", "false"],
    ["presence_penalty", "0"],
    ["frequency_penalty", "0"],
    ["logit_bias", "{}"],
    ["response_format", '{"type":"text"}'],
]);

/**
 * What ran is what was asked: every parameter as it was sent, and exactly the messages that were sent, shaped as `content`
 * says if a configuration was asked for; without it, whatever that makes of them. Gives the messages that ran. Throws
 * SDK_ANSWER_MISMATCH.
 */
export function expectChat({
    receipt,
    body,
    content,
}: {
    receipt: GatewayReceipt;
    body: JsonObject;
    /** Of the configuration that was asked for; its hash is the receipt's. */
    content?: JsonObject | undefined;
}): Message[] {
    const parsed = effectiveSchema.safeParse(jsonIn(receipt.input));
    if (!parsed.success) throw mismatch("The input of the receipt is no chat.");
    const effective: Record<string, unknown> = parsed.data;
    const { context } = receipt;
    if (context === undefined || effective.salt !== context.salt)
        throw mismatch("Input and context have different salts.");
    const ignored = Object.entries(body).find((parameter) => !isObeyed({ parameter, effective }));
    if (ignored !== undefined) throw mismatch(`It did not run with the ${ignored[0].slice(0, 80)} that was sent.`);
    const { messages } = parsed.data;
    const isKnown = context.config === null || content !== undefined;
    if (isKnown && canonicalJson(messages) !== canonicalJson(shapedBy(content, body))) {
        throw mismatch("It ran with other messages than those that were sent.");
    }
    return messages;
}

/** What a configuration makes of the messages of a body: its prompt in front, text of users trimmed and in its template. */
function shapedBy(content: JsonObject | undefined, { messages }: JsonObject): unknown {
    const sent = z.array(messageSchema).safeParse(messages);
    if (content === undefined || !sent.success) return messages;
    const { systemPrompt, template = TEMPLATE_PLACE, preprocessing } = parseConfiguration(content);
    const shaped = (text: string) =>
        template.split(TEMPLATE_PLACE).join(preprocessing?.trim === true ? text.trim() : text);
    const prompt = systemPrompt === undefined ? [] : [{ role: "system", content: systemPrompt }];
    return [...prompt, ...sent.data.map((one) => (one.role === "user" ? shapedMessage(one, shaped) : one))];
}

function shapedMessage(message: Message, shaped: (text: string) => string): Message {
    const { content } = message;
    if (typeof content === "string") return { ...message, content: shaped(content) };
    const parts = z.array(z.looseObject({ type: z.string(), text: z.string().optional() })).safeParse(content);
    const shapedPart = (part: { type: string; text?: string | undefined }) =>
        part.type === "text" && part.text !== undefined ? { ...part, text: shaped(part.text) } : part;
    return { ...message, content: parts.success ? parts.data.map(shapedPart) : content };
}

type Parameter = { parameter: [string, unknown]; effective: Record<string, unknown> };

function isObeyed({ parameter: [name, value], effective }: Parameter): boolean {
    // null is how OpenAI's clients leave something out
    if (ASIDE.includes(name) || value === null) return true;
    const text = canonicalJson(value);
    const ran = [effective[name], effective[OTHER_NAME[name] ?? name]].filter((found) => found !== undefined);
    if (ran.length === 0) return NEUTRAL.get(name) === text;
    // one text where several may be given: "stop"
    const forms = typeof value === "string" ? [text, canonicalJson([value])] : [text];
    return forms.includes(canonicalJson(ran[0]));
}

/** The choices of a receipt, read from the bytes that its statement commits to; throws SDK_ANSWER_MISMATCH. */
export function choicesOf(receipt: GatewayReceipt): Choice[] {
    const output = outputSchema.safeParse(jsonIn(receipt.output));
    if (output.success) return output.data.choices;
    throw mismatch("The output of the receipt is no chat.");
}

/** What was shown is what the receipt holds; throws SDK_ANSWER_MISMATCH. */
export function expectShown({ shown, choices }: { shown: unknown; choices: readonly Choice[] }): void {
    const isSame = isJson(shown) && canonicalJson(shown) === canonicalJson(choices);
    if (!isSame) throw mismatch("The answer that was shown is not the one that was signed.");
}

function isJson(value: unknown): boolean {
    return z.json().safeParse(value).success;
}

function jsonIn(hex: string | undefined): unknown {
    try {
        return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(hexToBytes(hex ?? "0x")));
    } catch {
        return undefined;
    }
}
