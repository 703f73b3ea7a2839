import type { JsonObject } from "@assay/protocol";
import { chunk, ROLE_CHOICE } from "../../core/completion.ts";
import type { Head } from "../../core/life.ts";
import { createEventStream, eventText } from "./eventStream.ts";

/** How a stream ends. */
export type Ending = {
    usage: JsonObject | null;
    /** Said in a chunk without choices, for whoever asked about evidence. */
    assay: JsonObject | undefined;
    /** Learns the sha256 of all bytes before the last ones leave. */
    before: (sha256: string) => Promise<void>;
};

/** A chat completion as OpenAI streams it. */
export type CompletionStream = {
    response: Response;
    /** The pieces in order; of the first one it is said who speaks. */
    piece: (choices: readonly JsonObject[]) => void;
    end: (ending: Ending) => Promise<void>;
    /** Ends with a fault as its last event: no [DONE], so that nobody takes it for whole. */
    fail: (body: JsonObject) => Promise<void>;
};

/** Begins a stream: role first, then pieces as they come, why it ended, usage if it was asked for, and [DONE]. */
export function createCompletionStream({
    head,
    headers,
    wantsUsage,
}: {
    head: Head;
    headers: Record<string, string>;
    wantsUsage: boolean;
}): CompletionStream {
    const { "cache-control": _, ...rest } = headers;
    const events = createEventStream({ headers: rest });
    const usage = wantsUsage ? null : undefined;
    let saysWho = true;
    return {
        response: events.response,
        piece: (choices) => {
            if (saysWho && !choices.some(namesRole)) events.send(chunk(head, { choices: [ROLE_CHOICE], usage }));
            saysWho = false;
            events.send(chunk(head, { choices, usage }));
        },
        end: async ({ usage: used, assay, before }) => {
            const last = [
                ...(wantsUsage ? [chunk(head, { choices: [], usage: used })] : []),
                ...(assay === undefined ? [] : [{ ...chunk(head, { choices: [], usage }), assay }]),
            ];
            await events.end({ last: [...last.map(eventText), eventText("[DONE]")], before });
        },
        fail: (body) => events.end({ last: [eventText(body)] }),
    };
}

function namesRole({ delta }: JsonObject): boolean {
    return typeof delta === "object" && delta !== null && "role" in delta;
}
