import { failure, type OpenedModel } from "@assay/executor/parts";
import {
    decodeTensor,
    FAMILIES,
    type Hex,
    hexToBytes,
    isProtocolError,
    type JsonObject,
    keccak256,
} from "@assay/protocol";
import { z } from "zod";
import { createAnswerText } from "../../core/answerText.ts";
import { type ChatModel, readChat } from "../../core/chat.ts";
import { chatOutput, presentChat } from "../../core/chatOutput.ts";
import type { Model, Outcome, Piece } from "../../core/model.ts";
import { chooseToken, type Sampling } from "../../core/sampling.ts";
import { END, type Prompt, promptBytes, promptOf, tokenText, type Vocabulary } from "../../core/vocabulary.ts";
import type { Registered } from "./registrar.ts";
import type { Workshop } from "./workshop.ts";

const DEFAULT_TOKENS = 128;
const MOST_TOKENS = 1_024;
/** Of a drawn seed: what a double holds. */
const SEED_BYTES = 6;

const requestSchema = z.object({
    messages: z.array(z.object({ content: z.union([z.string(), z.array(z.object({ text: z.string() }))]).nullish() })),
    temperature: z.number(),
    top_p: z.number(),
    seed: z.number(),
    stop: z.array(z.string()),
    max_tokens: z.number().optional(),
    max_completion_tokens: z.number().optional(),
    postprocessing: z.object({ trim: z.literal(true) }).optional(),
});

type Request = { prompt: Prompt; sampling: Sampling; stops: string[]; trim: boolean; mostTokens: number };
type Parts = { opened: OpenedModel; vocabulary: Vocabulary; registered: Registered; workshop: Workshop };
type Question = Parameters<Model["run"]>[0];

/** A chat model that runs here, one token at a time. Every parameter that it takes, it obeys. */
export function createTextModel({ opened, vocabulary, registered, workshop }: Parts): Model {
    const { name } = opened;
    const chat: ChatModel = {
        model: name,
        readsTextOnly: true,
        parameters: ["temperature", "top_p", "seed", "max_tokens", "max_completion_tokens", "stop"],
        defaults: { temperature: 0, top_p: 1, stop: [], max_tokens: DEFAULT_TOKENS },
        mostTokens: MOST_TOKENS,
        drawn: (salt) => ({ seed: seedOf(salt) }),
    };
    return {
        ...registered,
        name,
        route: "chat",
        claimClass: "COMPUTE",
        families: [FAMILIES.SIGNED],
        describe: () => ({
            parameters: [...chat.parameters],
            defaults: { ...chat.defaults },
            limits: { outputTokens: MOST_TOKENS, wordsPerSide: vocabulary.wordsRead },
        }),
        read: (body, given) => {
            const { texts, ...reading } = readChat({ body, ...given, chat });
            promptOf({ texts, vocabulary });
            return reading;
        },
        run: async (question) => {
            const request = requestOf({ input: question.input, vocabulary });
            if (request === undefined) return { ...failure("INPUT_SHAPE"), usage: null, upstream: null };
            const scores = (bytes: Uint8Array) => workshop.use(opened, (session) => session.runBytes(bytes));
            try {
                return await converse({ request, vocabulary, scores, question });
            } catch (error) {
                if (!isProtocolError(error, "RUNTIME_FAILED")) throw error;
                return { ...failure("MODEL_FAILED"), usage: null, upstream: null };
            }
        },
        present: ({ output }) => presentChat(output),
        prove: async () => {
            throw new Error(`${name} has signatures only.`);
        },
    };
}

type Conversing = {
    request: Request;
    vocabulary: Vocabulary;
    scores: (bytes: Uint8Array) => Promise<Uint8Array>;
    question: Question;
};

async function converse({ request, vocabulary, scores, question: { signal, onPiece } }: Conversing): Promise<Outcome> {
    const { prompt, sampling, stops, trim, mostTokens } = request;
    const answer = createAnswerText({ stops, trim });
    const said: number[] = [];
    let content = "";
    let isEnded = false;
    const say = (text: string) => {
        content += text;
        if (text !== "") onPiece?.(pieceOf({ content: text }));
    };
    while (!isEnded && !answer.isStopped() && said.length < mostTokens) {
        signal.throwIfAborted();
        const bytes = await scores(promptBytes({ prompt, said, vocabulary }));
        const token = chooseToken({ scores: numbersOf(bytes), sampling, step: said.length });
        isEnded = token === END;
        if (isEnded) continue;
        say(answer.push(tokenText({ token, isFirst: said.length === 0, tokens: vocabulary.tokens })));
        said.push(token);
    }
    say(answer.end());
    const finish_reason = isEnded || answer.isStopped() ? "stop" : "length";
    onPiece?.({ choices: [{ index: 0, delta: {}, finish_reason }] });
    return outcomeOf({ content, finish_reason, prompt, said });
}

type Said = { content: string; finish_reason: string; prompt: Prompt; said: readonly number[] };

function outcomeOf({ content, finish_reason, prompt: { question, before }, said }: Said): Outcome {
    const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason }];
    const promptTokens = question.length + before.length;
    const usage = { promptTokens, completionTokens: said.length, totalTokens: promptTokens + said.length };
    return { resultCode: 0, output: chatOutput(choices), usage, upstream: null };
}

function pieceOf(delta: JsonObject): Piece {
    return { choices: [{ index: 0, delta, finish_reason: null }] };
}

/** undefined: no effective request of such a model. */
function requestOf({ input, vocabulary }: { input: Uint8Array; vocabulary: Vocabulary }): Request | undefined {
    const parsed = requestSchema.safeParse(JSON.parse(new TextDecoder().decode(input)));
    if (!parsed.success) return undefined;
    const { messages, stop, max_tokens, max_completion_tokens, postprocessing, ...sampling } = parsed.data;
    const texts = messages.map(({ content }) => ({
        role: "user" as const,
        text: typeof content === "string" ? content : (content ?? []).map(({ text }) => text).join(""),
    }));
    const prompt = promptOf({ texts, vocabulary });
    const mostTokens = max_completion_tokens ?? max_tokens ?? DEFAULT_TOKENS;
    return { prompt, sampling, stops: stop, trim: postprocessing !== undefined, mostTokens };
}

/** Drawn from the salt: a repetition with the same salt says the same, and nobody can choose it. */
function seedOf(salt: Hex): number {
    return Number(BigInt(keccak256(hexToBytes(salt))) >> BigInt(256 - 8 * SEED_BYTES));
}

function numbersOf(bytes: Uint8Array): number[] {
    return decodeTensor({ dtype: "float32", bytes }).map(Number);
}
