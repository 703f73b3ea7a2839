import { isProtocolError, ProtocolError } from "@assay/protocol";
import { createParser } from "eventsource-parser";
import { z } from "zod";
import { chunksOf } from "./_http.ts";
import type { Choice } from "./chatClaims.ts";

/** A piece of a streamed answer. */
export type Delta = { index: number; content: string };

const chunkSchema = z.object({
    choices: z.array(
        z.object({
            index: z.int().min(0),
            delta: z.looseObject({ role: z.string().nullish(), content: z.string().nullish() }),
            finish_reason: z.string().nullish(),
        }),
    ),
});
const faultSchema = z.object({ error: z.object({ message: z.string() }) });

/** A streamed completion while it comes. */
export type Answers = {
    /** Every piece from the first on, as often as it is asked for; throws SDK_STREAM_BROKEN. */
    deltas: () => AsyncIterator<Delta>;
    /** All choices put together; undefined when the stream broke. */
    whole: () => Promise<Choice[] | undefined>;
};

/** Reads a stream of OpenAI's chunks to its end, whoever listens. */
export function answersIn(response: Response): Answers {
    const pieces: Delta[] = [];
    const choices = new Map<number, Choice>();
    let news = Promise.withResolvers<void>();
    let isEnded = false;
    const take = (choice: z.infer<typeof chunkSchema>["choices"][number]) => {
        addTo(choices, choice);
        const { content } = choice.delta;
        if (content != null && content !== "") pieces.push({ index: choice.index, content });
    };
    const reading = readEvents(response, (data) => {
        for (const choice of chunkSchema.parse(data).choices) take(choice);
        news.resolve();
        news = Promise.withResolvers();
    }).then(
        () => undefined,
        (cause: unknown) => broken(cause),
    );
    const ended = reading.finally(() => {
        isEnded = true;
        news.resolve();
    });
    return {
        deltas: async function* deltas() {
            for (let at = 0; ; at++) {
                while (at >= pieces.length && !isEnded) await news.promise;
                const piece = pieces[at];
                if (piece === undefined) break;
                yield piece;
            }
            const fault = await ended;
            if (fault !== undefined) throw fault;
        },
        whole: async () => {
            const fault = await ended;
            return fault === undefined ? [...choices.values()].sort((a, b) => a.index - b.index) : undefined;
        },
    };
}

/** Gives every event's JSON until [DONE]; throws when the stream ends before it, or says that it failed. */
async function readEvents(response: Response, onData: (data: unknown) => void): Promise<void> {
    let isDone = false;
    const parser = createParser({
        onEvent: ({ data }) => {
            if (data === "[DONE]") isDone = true;
            else if (!isDone) onData(eventData(data));
        },
    });
    const decoder = new TextDecoder();
    for await (const chunk of chunksOf(response)) parser.feed(decoder.decode(chunk, { stream: true }));
    if (!isDone) throw broken(undefined);
}

function eventData(text: string): unknown {
    const data: unknown = JSON.parse(text);
    const fault = faultSchema.safeParse(data);
    if (!fault.success) return data;
    const message = `The gateway says: ${fault.data.error.message.slice(0, 500)}`;
    throw new ProtocolError({ code: "SDK_STREAM_BROKEN", message });
}

function broken(cause: unknown): ProtocolError {
    return isProtocolError(cause) ? cause : new ProtocolError({ code: "SDK_STREAM_BROKEN", cause });
}

function addTo(choices: Map<number, Choice>, piece: z.infer<typeof chunkSchema>["choices"][number]): void {
    const { index, delta, finish_reason } = piece;
    const { role, content, ...rest } = delta;
    const before = choices.get(index);
    choices.set(index, {
        index,
        message: {
            ...before?.message,
            ...rest,
            role: role ?? before?.message.role ?? "assistant",
            content: `${before?.message.content ?? ""}${content ?? ""}`,
        },
        finish_reason: finish_reason ?? before?.finish_reason ?? "",
    });
}
