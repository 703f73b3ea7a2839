import { ProtocolError } from "@assay/protocol";
import * as z from "zod";
import { bodyInvalid } from "./_refusal.ts";
import type { Conversation } from "./chatMessages.ts";
import { issuesText } from "./issues.ts";

const chatFile = z.strictObject({
    input: z.string(),
    output: z.string(),
    wordsRead: z
        .int()
        .min(1)
        .max(1 << 20),
    tokensRead: z
        .int()
        .min(1)
        .max(1 << 10),
    words: z.array(z.string()).max(1 << 20),
    tokens: z
        .array(z.string())
        .min(1)
        .max(1 << 20),
});

const WORD = /[a-z0-9]+/g;
const SIZE = 8;
/** Ends an answer, and fills places that nothing stands in. */
export const END = 0;

/** How the text of a chat becomes the numbers of a model and back: what NAME.chat.json says, which schemaHash commits to. */
export type Vocabulary = z.output<typeof chatFile>;

/** What a model reads of a conversation: ids of the words of the last message, and of those before it. */
export type Prompt = { question: number[]; before: number[] };

/** Reads what makes an ONNX file a chat model; throws GATEWAY_SETTINGS_INVALID. */
export function parseVocabulary({ json, file }: { json: unknown; file: string }): Vocabulary {
    const parsed = chatFile.safeParse(json);
    if (parsed.success) return parsed.data;
    const message = `${file}: ${issuesText(parsed.error)}.`;
    throw new ProtocolError({ code: "GATEWAY_SETTINGS_INVALID", message });
}

/** The words of a conversation; those that it was not trained on are counted and read as nothing. Throws GATEWAY_BODY_INVALID. */
export function promptOf({ texts, vocabulary }: { texts: Conversation["texts"]; vocabulary: Vocabulary }): Prompt {
    const ids = new Map(vocabulary.words.map((word, at) => [word, at + 1]));
    const read = (text: string) => (text.toLowerCase().match(WORD) ?? []).map((word) => ids.get(word) ?? END);
    const question = read(texts.at(-1)?.text ?? "");
    const before = texts.slice(0, -1).flatMap(({ text }) => read(text));
    const most = vocabulary.wordsRead;
    if (question.length <= most && before.length <= most) return { question, before };
    const message = `The last message has ${question.length} words and those before it ${before.length}`;
    throw bodyInvalid(`${message}; this model reads ${most} of each.`, "messages");
}

/** Canonical bytes of the model's inputs: int64 `question` and `before`, filled in front, and the last tokens said. */
export function promptBytes({
    prompt: { question, before },
    said,
    vocabulary: { wordsRead, tokensRead },
}: {
    prompt: Prompt;
    said: readonly number[];
    vocabulary: Vocabulary;
}): Uint8Array {
    const ids = [
        ...filled({ ids: question, size: wordsRead }),
        ...filled({ ids: before, size: wordsRead }),
        ...filled({ ids: said.slice(-tokensRead), size: tokensRead }),
    ];
    const bytes = new Uint8Array(ids.length * SIZE);
    const view = new DataView(bytes.buffer);
    for (const [at, id] of ids.entries()) view.setBigInt64(at * SIZE, BigInt(id));
    return bytes;
}

/** Text of a token; the first of an answer stands without the space in front. */
export function tokenText({
    token,
    isFirst,
    tokens,
}: {
    token: number;
    isFirst: boolean;
    tokens: readonly string[];
}): string {
    const text = tokens[token - 1] ?? "";
    return isFirst ? text.trimStart() : text;
}

function filled({ ids, size }: { ids: readonly number[]; size: number }): number[] {
    return [...Array<number>(size - ids.length).fill(END), ...ids];
}
