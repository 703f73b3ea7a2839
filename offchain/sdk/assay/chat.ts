import { z } from "zod";
import { jsonOf } from "./_http.ts";
import { answersIn, type Delta } from "./_stream.ts";
import { type Answered, type Asker, type Asking, type Prepared, prepare, receiptIdIn, verified } from "./ask.ts";
import { type Choice, choicesOf, expectChat, expectShown, type Message } from "./chatClaims.ts";
import type { Exchanged } from "./exchange.ts";
import type { Setting } from "./options.ts";

/** A question to a model of text: OpenAI's request. */
export type Chat = Asking & { messages: readonly Message[]; [parameter: string]: unknown };

/** A verified answer of a model of text. */
export type ChatAnswer = Answered & {
    choices: Choice[];
    /** Text of the first choice. */
    text: string;
    /** The messages that ran: those that were asked about, unless a pinned configuration shapes them. */
    ran: Message[];
};

/** A streamed answer: what comes is shown before it can be verified, and `answer` says in the end whether it holds. */
export type ChatStream = AsyncIterable<Delta> & {
    /** The verified answer, once all of it has come; also of a stream that broke. Throws as `chat` does. */
    answer: () => Promise<ChatAnswer>;
};

const shownSchema = z.object({ choices: z.unknown() });
const OWN: readonly string[] = ["policy", "config", "until", "signal", "stream"];

/**
 * Asks a model of text, pays for it, and verifies that this model gave this answer to these messages with these
 * parameters. Throws what an exchange, a receipt and its claims can throw.
 */
export async function chat(asker: Asker, wish: Chat): Promise<ChatAnswer> {
    const exchanged = await asker.exchange(preparedChat(asker.setting, wish));
    const id = receiptIdIn(exchanged.response);
    const shown = shownSchema.safeParse(await jsonOf(exchanged.response)).data?.choices;
    const answer = await verifiedChat(asker, { exchanged, id });
    expectShown({ shown, choices: answer.choices });
    return answer;
}

/** The same, piece by piece while it is being made. */
export async function streamChat(asker: Asker, wish: Chat): Promise<ChatStream> {
    const exchanged = await asker.exchange(preparedChat(asker.setting, { ...wish, stream: true }));
    const { response } = exchanged;
    const id = receiptIdIn(response);
    const shown = answersIn(response);
    let whole: Promise<ChatAnswer> | undefined;
    const answer = async () => {
        const choices = await shown.whole();
        const verifiedAnswer = await verifiedChat(asker, { exchanged, id });
        if (choices !== undefined) expectShown({ shown: choices, choices: verifiedAnswer.choices });
        return verifiedAnswer;
    };
    return {
        answer: () => {
            whole ??= answer();
            return whole;
        },
        [Symbol.asyncIterator]: () => shown.deltas(),
    };
}

function preparedChat(setting: Setting, { model, messages, ...wish }: Chat): Prepared {
    const { policy, config, until, signal } = wish;
    const parameters = Object.entries(wish).filter(([name, value]) => !OWN.includes(name) && value !== undefined);
    const asking: Asking = {
        model,
        ...(policy === undefined ? {} : { policy }),
        ...(config === undefined ? {} : { config }),
        ...(until === undefined ? {} : { until }),
        ...(signal === undefined ? {} : { signal }),
    };
    const stream = wish.stream === true ? { stream: true } : {};
    const members = { ...Object.fromEntries(parameters), messages: [...messages], ...stream };
    return prepare(setting, { route: "chat", asking, members });
}

type Given = { exchanged: Exchanged<Prepared>; id: string };

async function verifiedChat(asker: Asker, { exchanged, id }: Given): Promise<ChatAnswer> {
    const { question } = exchanged;
    const answered = await verified(asker, { question, exchanged, id });
    const { receipt } = answered;
    const ran = expectChat({ receipt, body: question.body, content: question.asking.config?.content });
    const choices = choicesOf(receipt);
    return { ...answered, choices, text: choices[0]?.message.content ?? "", ran };
}
